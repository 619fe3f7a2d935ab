package tail

import (
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/trackerclient"
)

// Change is something that happened: an event was accepted, or a delivery of it changed.
type Change struct {
	At       time.Time               `json:"at"`
	Event    string                  `json:"event"`
	Source   string                  `json:"source"`
	Type     string                  `json:"type"`
	Delivery *trackerclient.Delivery `json:"delivery,omitempty"` // as it is now; nil: it was accepted
}

// Tail remembers what the last page had. It is used by one goroutine.
type Tail struct {
	skip bool            // the first page is not new
	seen map[string]mark // by the event's id
}

// mark is what was seen of an event: what matters of each delivery, by its route.
type mark map[string]seen

type seen struct {
	state    trackerclient.State
	attempts int
	since    time.Time
}

// New makes a Tail. With history, what the first page holds is told as well.
func New(history bool) *Tail {
	return &Tail{skip: !history}
}

// See returns what is new since the last page, the oldest first. Missed says that more
// events came than a page holds.
func (t *Tail) See(page *trackerclient.EventPage) (changes []Change, missed bool) {
	now := make(map[string]mark, len(page.Events))
	known := 0
	for i := range page.Events {
		e := &page.Events[i]
		before, old := t.seen[e.Id]
		if old {
			known++
		}
		now[e.Id] = marks(e)
		changes = append(changes, compare(e, before, old)...)
	}
	missed = len(t.seen) > 0 && known == 0 && page.Next != nil
	if t.skip {
		changes, t.skip = nil, false
	}
	t.seen = now
	slices.SortStableFunc(changes, func(a, b Change) int { return a.At.Compare(b.At) })
	return changes, missed
}

func marks(e *trackerclient.Event) mark {
	m := make(mark, len(e.Deliveries))
	for _, d := range e.Deliveries {
		m[d.Route] = seen{d.State, d.Attempts, d.Since}
	}
	return m
}

// compare returns what is new of one event. That a delivery is pending says no more
// than that the event was accepted.
func compare(e *trackerclient.Event, before mark, old bool) (changes []Change) {
	if !old {
		changes = append(changes, Change{At: e.ReceivedAt, Event: e.Id, Source: e.Source, Type: e.Type})
	}
	for i := range e.Deliveries {
		d := &e.Deliveries[i]
		was, there := before[d.Route]
		is := seen{d.State, d.Attempts, d.Since}
		if there && was == is || !there && d.State == trackerclient.Pending {
			continue
		}
		changes = append(changes, Change{At: d.Since, Event: e.Id, Source: e.Source, Type: e.Type, Delivery: d})
	}
	return changes
}
