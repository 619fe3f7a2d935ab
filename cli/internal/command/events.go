package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newEvents(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "events",
		Aliases: []string{"event"},
		GroupID: groupEvents,
		Short:   "Find events, watch, replay, cancel and retry them",
		Long:    "Every accepted event can be found, with each attempt to deliver it.\n\n" + trackerHelp,
		Example: trim(`
  penstock events list --route invoices --state retrying
  penstock events show 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock events tail --source github
  penstock events replay --route invoices --from -2h
  penstock events retry-now --route invoices
  penstock events cancel 019a2f6e-8f0c-7d3e-9b5a-0242ac120002`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newEventsList(s), newEventsShow(s), newEventsTail(s), newEventsReplay(s), newEventsRetryNow(s), newEventsCancel(s))
	return c
}

// worstFirst are the states in the order in which people want to hear of them.
var worstFirst = []string{"dead", "unrouted", "retrying", "pending", "delivered", "filtered", "discarded", "cancelled"}

// became says in a few words what became of an event: the state of its only delivery,
// or how many deliveries are in which state.
func became(e *trackerclient.Event) string {
	switch len(e.Deliveries) {
	case 0:
		return "unrouted"
	case 1:
		return string(e.Deliveries[0].State)
	}
	counts := map[string]int{}
	for _, d := range e.Deliveries {
		counts[string(d.State)]++
	}
	var parts []string
	for _, state := range worstFirst {
		if n := counts[state]; n == len(e.Deliveries) {
			return state
		} else if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// tint colours a state, or a text with several.
func tint(style terminal.Style, text string) string {
	switch {
	case strings.Contains(text, "dead"), strings.Contains(text, "unrouted"), strings.Contains(text, "failed"):
		return style.Bad(text)
	case strings.Contains(text, "retrying"), strings.Contains(text, "cancelled"):
		return style.Warn(text)
	case strings.Contains(text, "delivered"), strings.Contains(text, "done"):
		return style.Good(text)
	default:
		return text
	}
}

// tintColumn is tint for one column of a table.
func tintColumn(style terminal.Style, which int) terminal.Paint {
	return func(column int, text string) string {
		if column == which {
			return tint(style, text)
		}
		return text
	}
}

// why says why a delivery is where it is: what the last attempt met comes first, since
// the end of a line may be cut.
func why(reason, last *string, status *int) string {
	text := or(last, or(reason, ""))
	if status != nil {
		text = strings.TrimSpace(fmt.Sprintf("%s (%d)", text, *status))
	}
	if last != nil && reason != nil && *last != *reason {
		text += ", " + *reason
	}
	return text
}
