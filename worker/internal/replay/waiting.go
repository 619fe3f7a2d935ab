package replay

import (
	"context"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// waitingAmong returns where the events wait that the job is about.
func (w *work) waitingAmong(ctx context.Context, events []store.Event) ([]goal, error) {
	var goals []goal
	for i := range events {
		e := &events[i]
		g := goal{ID: e.ID, Offset: e.Offset, Source: e.Source, Type: e.Type}
		for j := range e.Deliveries {
			if d := &e.Deliveries[j]; w.waits(d) {
				g.Routes, g.Rounds = append(g.Routes, d.Route), append(g.Rounds, d.Replay)
			}
		}
		if len(g.Routes) > 0 {
			goals = append(goals, g)
		} else {
			w.did(0, 1)
		}
	}
	if w.job.Kind == store.RetryNow {
		return w.archived(ctx, goals)
	}
	return goals, nil
}

// waits reports whether the job is about a delivery. What has not been attempted yet is attempted
// as soon as it can be; and in a route with an order, what is replayed comes behind other
// events of its key.
func (w *work) waits(d *store.Delivery) bool {
	if !w.job.Filter.Delivery(d) || d.State != store.Pending && d.State != store.Retrying {
		return false
	}
	if w.job.Kind == store.Cancel {
		return true
	}
	route := w.Config().Routes[d.Route]
	return d.State == store.Retrying && route != nil && route.Partitions() == 0
}

// archived returns the goals that the archive holds: nothing is cancelled of which no copy can
// be made.
func (w *work) archived(ctx context.Context, goals []goal) ([]goal, error) {
	byOffset := map[int64]string{}
	for _, g := range goals {
		if g.Offset != store.NoOffset {
			byOffset[g.Offset] = g.ID
		}
	}
	held := map[string]bool{}
	err := w.archive.read(ctx, slices.Collect(maps.Keys(byOffset)), func(offset int64, m *event.Message) error {
		if byOffset[offset] == m.ID {
			held[m.ID] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := len(goals)
	goals = slices.DeleteFunc(goals, func(g goal) bool { return !held[g.ID] })
	w.did(0, int64(all-len(goals)))
	return goals, nil
}
