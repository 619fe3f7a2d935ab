package command

import (
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// pollEvery is how often the tracker is asked for an event.
const pollEvery = 300 * time.Millisecond

// ended reports whether nothing more will happen to the event by itself.
func ended(e *trackerclient.Event) bool {
	for _, d := range e.Deliveries {
		if d.State == trackerclient.Pending || d.State == trackerclient.Retrying {
			return false
		}
	}
	return len(e.Deliveries) > 0
}

// tellFate prints what became of an event that has ended, and fails unless it is good.
func (t *tracker) tellFate(e *trackerclient.Event) error {
	tellf(t.Out, "%s", fate(e))
	for _, d := range e.Deliveries {
		if d.State != trackerclient.Delivered && d.State != trackerclient.Filtered {
			return silent{Invalid}
		}
	}
	return nil
}

// fate says on one line which route did what; e may be nil.
func fate(e *trackerclient.Event) string {
	if e == nil || len(e.Deliveries) == 0 {
		return "the tracker has not seen it"
	}
	said := make([]string, 0, len(e.Deliveries))
	for _, d := range e.Deliveries {
		said = append(said, terminal.Line(strings.TrimSpace(string(d.State)+" by "+d.Route+" "+or(d.Reason, ""))))
	}
	return strings.Join(said, ", ")
}
