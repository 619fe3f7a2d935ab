package rehearse

import (
	"context"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/view"
)

// State is what would become of an event.
type State string

// The states.
const (
	Other    State = "other"    // no pattern of the route's matches its source and type
	Filtered State = "filtered" // the filter is false
	Failed   State = "failed"   // a rule cannot be evaluated: the route would make it a dead letter
	Taken    State = "taken"    // it would be delivered
)

// Outcome is what a route's rules make of one event.
type Outcome struct {
	State     State
	Rule      string       // of a failure: filter, ordering.key or transform
	Reason    fault.Reason // of a failure: that of the dead letter
	Error     string       // of a failure; it holds nothing of the event
	Position  string       // of a failure, "line:column" within the rule; empty: not known
	Key       string       // of an ordered route; empty: the event has none, and may go at any time
	Partition int          // of an event with a key
	Body      []byte       // that would be delivered
	Changed   bool         // Body is not the one that was received
}

// Try returns what the rules make of an event.
func (r *Route) Try(ctx context.Context, e *event.Event) Outcome {
	ctx, done := view.Share(ctx)
	defer done()
	if len(r.table.Match(e.Source, e.Type)) == 0 {
		return Outcome{State: Other}
	}
	if r.filter != nil {
		switch wanted, err := r.filter.Match(ctx, e); {
		case err != nil:
			return failed("filter", r.rules.Filter, fault.ReasonFilter, err)
		case !wanted:
			return Outcome{State: Filtered}
		}
	}
	o := Outcome{State: Taken, Body: e.Body}
	if r.key != nil {
		if err := r.addKey(ctx, e, &o); err != nil {
			return failed("ordering.key", r.rules.Key, fault.ReasonOrdering, err)
		}
	}
	if r.transform == nil {
		return o
	}
	changed, err := r.transform.Apply(ctx, e)
	if err != nil {
		return failed("transform", r.rules.Transform.JQ+r.rules.Transform.CEL, fault.ReasonTransform, err)
	}
	o.Body, o.Changed = changed.Body, true
	return o
}

func (r *Route) addKey(ctx context.Context, e *event.Event, o *Outcome) error {
	value, err := r.key.Eval(ctx, e)
	if err != nil {
		return err
	}
	text, has, err := expression.Text(value)
	if err != nil || !has || text == "" {
		return err
	}
	o.Key, o.Partition = text, ordering.NewKey(text).Partition(max(r.rules.Partitions, 1))
	return nil
}

func failed(rule, text string, reason fault.Reason, err error) Outcome {
	if own := fault.ReasonOf(err); own != fault.ReasonInternal {
		reason = own
	}
	return Outcome{State: Failed, Rule: rule, Reason: reason, Error: err.Error(), Position: positionOf(text, err.Error())}
}

// positionOf finds what an error names at its end, such as a missing key, in the rule. What is there
// more than once has no position.
func positionOf(rule, err string) string {
	_, name, found := strings.Cut(err, "no such key: ")
	before, _, once := strings.Cut(rule, name)
	if !found || name == "" || !once || strings.Count(rule, name) != 1 {
		return ""
	}
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n')
	return strconv.Itoa(line) + ":" + strconv.Itoa(column)
}
