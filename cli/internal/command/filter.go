package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

const filterHelp = `Flags narrow the choice; what several of them say all has to hold.`

// states are those of deliveries.
var states = []string{"pending", "retrying", "delivered", "filtered", "discarded", "cancelled", "dead", "unrouted"}

// filterFlags choose events.
type filterFlags struct {
	source, typ, route, state, reason, text, providerID, from, to string
	status                                                        int
}

func (f *filterFlags) register(c *cobra.Command, s Streams) {
	flags := c.Flags()
	flags.StringVar(&f.source, "source", "", "only of this `source`")
	flags.StringVar(&f.typ, "type", "", "only of this `type`, or with a beginning, such as 'invoice.*'")
	flags.StringVar(&f.route, "route", "", "only with a delivery on this `route`")
	flags.StringVar(&f.reason, "reason", "", "only with a delivery that ended, or waits, for this `reason`")
	flags.IntVar(&f.status, "status", 0, "only with a delivery to which the destination last answered this HTTP `status`")
	flags.StringVar(&f.text, "error", "", "only with a delivery whose error holds this `text`, in the same case")
	flags.StringVar(&f.providerID, "provider-id", "", "only with this `id` of the provider's")
	flags.StringVar(&f.from, "from", "", "only accepted since this `time`: RFC 3339, Unix seconds, or an offset from now such as -2h")
	flags.StringVar(&f.to, "to", "", "only accepted before this `time`")
	completeFlag(c, "source", names(s, sourceNames))
	completeFlag(c, "route", names(s, routeNames))
}

// registerState adds --state, which lists of dead letters do without.
func (f *filterFlags) registerState(c *cobra.Command) {
	c.Flags().StringVar(&f.state, "state", "", "only with a delivery in this `state`: "+strings.Join(states, ", "))
	completeFlag(c, "state", cobra.FixedCompletions(states, cobra.ShellCompDirectiveNoFileComp))
}

// filter is the choice as the tracker wants it.
func (f *filterFlags) filter(now time.Time) (trackerclient.Filter, error) {
	from, err := optionalMoment("--from", f.from, now)
	if err != nil {
		return trackerclient.Filter{}, err
	}
	to, err := optionalMoment("--to", f.to, now)
	if err != nil {
		return trackerclient.Filter{}, err
	}
	if f.status != 0 && (f.status < 100 || f.status > 599) {
		return trackerclient.Filter{}, usage("--status %d: not an HTTP status, from 100 to 599", f.status)
	}
	c := trackerclient.Filter{
		Source: optional(f.source), Type: optional(f.typ), Route: optional(f.route), Reason: optional(f.reason),
		Error: optional(f.text), HttpStatus: optionalNumber(f.status),
		ProviderId: optional(f.providerID), From: from, To: to,
	}
	if f.state != "" {
		state := trackerclient.State(f.state)
		if !state.Valid() {
			return c, usage("--state %s: not one of %s", f.state, strings.Join(states, ", "))
		}
		c.State = &state
	}
	return c, nil
}

// words say the choice for people, such as " of the route billing since 2 h ago".
func (f *filterFlags) words() string {
	var b strings.Builder
	for _, part := range [][2]string{
		{"in the state", f.state}, {"of the source", f.source}, {"of the type", f.typ}, {"on the route", f.route},
		{"with the reason", f.reason}, {"answered with", number(f.status)}, {"with an error that holds", f.text}, {"with the provider's id", f.providerID}, {"accepted since", f.from}, {"accepted before", f.to},
	} {
		if part[1] != "" {
			b.WriteString(" " + part[0] + " " + terminal.Line(part[1]))
		}
	}
	return b.String()
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func optionalNumber(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// number writes a number; nothing for zero.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func optionalMoment(flag, text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no time is an answer
	}
	at, err := moment(flag, text, now)
	return &at, err
}

// or is the value, or what stands for none.
func or[T any](value *T, none T) T {
	if value == nil {
		return none
	}
	return *value
}
