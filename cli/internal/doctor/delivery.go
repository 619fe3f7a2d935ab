package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// unserved looks for events that wait in a queue that no process consumes.
func (i *Installation) unserved(queues []rabbit.Queue) []Finding {
	var names []string
	messages := 0
	for _, route := range i.Plan.Routes {
		at := slices.IndexFunc(queues, func(q rabbit.Queue) bool { return q.Name == topology.RouteQueue(route.Name) })
		if at >= 0 && queues[at].Consumers == 0 && queues[at].Messages > 0 {
			names, messages = append(names, route.Name), messages+queues[at].Messages
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []Finding{failure(fmt.Sprintf("%s wait in the queues of %s without a deliverer: %s",
		terminal.Plural(messages, "event"), terminal.Plural(len(names), "route"), few(names)),
		"Start 'worker deliver' with this configuration; PENSTOCK_ROUTES of the deliverers together has to name every route.")}
}

// delivery looks, through the tracker, at what keeps events from being delivered.
func (i *Installation) delivery(ctx context.Context) []Finding {
	a, err := i.Tracker.ListRoutesWithResponse(ctx)
	if err != nil || a.JSON200 == nil {
		return []Finding{skipped("not looked at: the tracker does not say how its routes are", "Mend what is said about the tracker first.")}
	}
	var found []Finding
	for j := range a.JSON200.Routes {
		found = append(found, i.judgeRoute(&a.JSON200.Routes[j])...)
	}
	if len(found) == 0 {
		return []Finding{ok("nothing keeps the events of " + terminal.Plural(len(a.JSON200.Routes), "route") + " from being delivered")}
	}
	return found
}

// judgeRoute says what is wrong with a route, if anything is.
func (i *Installation) judgeRoute(r *trackerclient.Route) []Finding {
	if r.Health == nil || !r.Configured {
		return nil
	}
	waiting := i.waiting(r)
	switch r.Health.State {
	case trackerclient.HealthStateFailing:
		return []Finding{failure(fmt.Sprintf("route %s fails%s%s", r.Name, waiting, i.lastFailure(r.Health.LastFailure)),
			"Mend its destination "+value(r.Destination)+", or pause the route; the tracker's console shows the answers.")}
	case trackerclient.HealthStateNoDeliverer:
		if waiting == "" {
			return nil
		}
		return []Finding{failure(fmt.Sprintf("route %s has no deliverer%s", r.Name, waiting), "Start 'worker deliver' with this configuration.")}
	case trackerclient.HealthStateTroubled:
		return []Finding{warning(fmt.Sprintf("route %s has trouble%s%s", r.Name, waiting, i.lastFailure(r.Health.LastFailure)), "Look at the dead letters: 'penstock dead list --route "+r.Name+"'.")}
	case trackerclient.HealthStatePaused:
		return []Finding{warning(fmt.Sprintf("route %s is paused%s", r.Name, waiting), "Resume the route, or its destination, when it may go on.")}
	default:
		return nil
	}
}

// waiting says how many events wait, and for how long.
func (i *Installation) waiting(r *trackerclient.Route) string {
	n := r.Counts.Pending + r.Counts.Retrying
	if n == 0 || r.OldestWaitingAt == nil {
		return ""
	}
	return fmt.Sprintf(": %s wait, the oldest for %s", terminal.Plural(int(n), "event"), terminal.Span(i.Now().Sub(*r.OldestWaitingAt)))
}

func (i *Installation) lastFailure(f *trackerclient.Failure) string {
	if f == nil {
		return ""
	}
	text := f.Reason
	if f.HttpStatus != nil {
		text += fmt.Sprintf(", HTTP %d", *f.HttpStatus)
	}
	if f.Error != nil {
		text += ", " + *f.Error
	}
	return fmt.Sprintf("; the last failure, %s ago: %s", terminal.Span(i.Now().Sub(f.At).Truncate(time.Second)), strings.TrimSpace(text))
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
