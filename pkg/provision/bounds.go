package provision

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// boundOf returns the mismatch of a stream that only keeps messages for another time than a
// plan says, and nil for everything else.
func boundOf(r *amqpx.RefusedError) *amqpx.MismatchError {
	m, ok := errors.AsType[*amqpx.MismatchError](r.Err)
	if !ok || r.Kind != amqpx.KindQueue || len(m.Differences) == 0 {
		return nil
	}
	for _, d := range m.Differences {
		if !topology.IsRetention(d.Argument) {
			return nil
		}
	}
	return m
}

// warnAbout says what a setting that differs from the stream's arguments comes to, and what
// to do. It returns nil when a policy does what the setting wants.
func warnAbout(at Access, plan topology.Plan, m *amqpx.MismatchError) error {
	i := slices.IndexFunc(plan.Retention(), func(r topology.Retention) bool { return r.Stream == m.Name })
	if i < 0 {
		return m
	}
	r := plan.Retention()[i]
	var errs []error
	for _, d := range m.Differences {
		wanted := wantedOf(r, d.Argument)
		switch order, known := compare(wanted, d.Found); {
		case known && order == 0: // the policy and the argument agree
		case known && order > 0:
			errs = append(errs, fmt.Errorf("%s keeps its bound %s %s although the setting is %s: an argument that the stream was declared with, which no policy can raise. "+
				"To raise it the stream has to be made again: delete it, with what it holds", r.Stream, d.Argument, d.Found, wanted))
		case plan.ByPolicy, d.Found == "none" && at.Topology == settings.Check: // a policy bounds it
		default:
			errs = append(errs, fmt.Errorf("%s keeps its bound %s %s although the setting is %s. To change it, set PENSTOCK_MANAGEMENT_URL, or run: %s",
				r.Stream, d.Argument, d.Found, wanted, command(at, r)))
		}
	}
	return errors.Join(errs...)
}

// command is what an operator runs to bound a stream.
func command(at Access, r topology.Retention) string {
	definition, _ := json.Marshal(policyFor(r).Definition) //nolint:errchkjson // texts and numbers
	return fmt.Sprintf("rabbitmqctl set_policy -p '%s' %s '%s' '%s' --priority %d --apply-to queues",
		at.Broker.Vhost(), policyName(r.Stream), r.Pattern(), definition, policyPriority)
}

func wantedOf(r topology.Retention, argument string) string {
	if argument == "x-max-age" {
		return r.MaxAge
	}
	return strconv.FormatInt(r.MaxBytes, 10)
}

// compare is less than zero when one bound keeps less than another one. "none" keeps
// everything.
func compare(wanted, found string) (order int, known bool) {
	if found == "none" {
		return -1, true
	}
	w, ok := measure(wanted)
	f, also := measure(found)
	return cmp.Compare(w, f), ok && also
}

// measure makes a number of an age or a size.
func measure(bound string) (n int64, ok bool) {
	if n, err := strconv.ParseInt(bound, 10, 64); err == nil {
		return n, true
	}
	if bound == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(bound[:len(bound)-1], 10, 64)
	unit, ok := units[bound[len(bound)-1]]
	return n * int64(unit/time.Second), err == nil && ok
}

// units are those of RabbitMQ's ages.
var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'D': 24 * time.Hour, 'M': 30 * 24 * time.Hour, 'Y': 365 * 24 * time.Hour,
}
