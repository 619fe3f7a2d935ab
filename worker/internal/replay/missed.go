package replay

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// missed replays from the archive the dead letters that are known, and that the sweep did
// not find in their queue: an operator purged it, or they expired. To discard one of them it
// is only recorded. Only the routes that this
// run has swept count, because only there it is known what was found; and only what died
// before the job was made, because the sweep has not seen what came after it began.
func (w *work) missed(ctx context.Context) error {
	if w.job.To != "" || len(w.found) == 0 {
		return nil
	}
	defer w.running.Wait()
	return w.eachDead(ctx, func(events []store.Event) error {
		var goals []goal
		for i := range events {
			e := &events[i]
			switch routes := w.missedRoutes(e); {
			case len(routes) == 0:
			case w.job.Kind == store.Discard:
				if err := w.discard(ctx, e, routes); err != nil {
					return err
				}
			case e.Offset == store.NoOffset:
				w.did(0, 1)
			default:
				goals = append(goals, goal{ID: e.ID, Offset: e.Offset, Routes: routes})
			}
		}
		return w.replay(ctx, goals)
	})
}

// discard records that an operator discards an event of which nothing is left to remove.
func (w *work) discard(ctx context.Context, e *store.Event, routes []string) error {
	m := &event.Message{ID: e.ID, Type: e.Type, Headers: map[string]any{
		event.HeaderSource: e.Source, event.HeaderReceivedAt: e.ReceivedAt.UnixMilli(),
	}}
	for _, route := range routes {
		if err := w.begin(ctx, item{message: m, route: route}, func(bool) {}); err != nil {
			return err
		}
	}
	return nil
}

// missedRoutes are the routes whose dead letter of the event was not found.
func (w *work) missedRoutes(e *store.Event) (routes []string) {
	for i := range e.Deliveries {
		d := &e.Deliveries[i]
		found, swept := w.found[d.Route]
		if _, there := found[e.ID]; swept && !there && d.State == store.Dead && d.At.Before(w.job.Created) && w.job.Filter.Delivery(d) {
			routes = append(routes, d.Route)
		}
	}
	return routes
}

// eachDead calls use with the events that the job is about and that are dead somewhere.
func (w *work) eachDead(ctx context.Context, use func([]store.Event) error) error {
	if ids := w.job.Filter.IDs; len(ids) > 0 {
		return w.eachNamed(ctx, ids, use)
	}
	q := w.job.Filter.Query()
	q.State, q.Limit = store.Dead, pageSize
	for {
		page, err := w.Store.Events(ctx, q)
		if err != nil {
			return err
		}
		if err := use(page.Events); err != nil || page.Next.IsZero() {
			return err
		}
		q.After = page.Next
	}
}

func (w *work) eachNamed(ctx context.Context, ids []string, use func([]store.Event) error) error {
	for _, id := range ids {
		e, err := w.Store.Event(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case err != nil:
			return err
		case !w.job.Filter.Event(e):
			continue
		}
		if err := use([]store.Event{*e}); err != nil {
			return err
		}
	}
	return nil
}

// sweeps notes that a route is swept from here on.
func (w *work) sweeps(route string) {
	if w.found[route] == nil {
		w.found[route] = map[string]struct{}{}
	}
}
