package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// pageSize is how many events are looked at, and perhaps replayed again after a crash.
const pageSize = 100

// pageSize is larger where nothing can be done twice, and each page awaits all deliverers.
func (w *work) pageSize() int {
	if w.job.Kind == store.Cancel {
		return store.MaxLimit
	}
	return pageSize
}

// walk replays events from the archive, or cancels those that wait, page by page.
func (w *work) walk(ctx context.Context) error {
	if w.job.Kind == store.Discard || w.job.To == "" && w.job.Filter.State == store.Dead {
		return nil
	}
	for {
		if err := w.workOnPage(ctx, w.at.Goals); err != nil {
			return err
		}
		if w.at.Ended {
			return nil
		}
		events, next, err := w.page(ctx)
		if err != nil {
			return err
		}
		if next.Goals, err = w.goalsAmong(ctx, events); err != nil {
			return err
		}
		if err := w.move(ctx, func(p *position) { *p = next }); err != nil {
			return err
		}
	}
}

// workOnPage does what the job is for with the events of a page.
func (w *work) workOnPage(ctx context.Context, goals []goal) (err error) {
	if w.job.Kind.Waits() {
		if goals, err = w.cancel(ctx, goals); err != nil || w.job.Kind == store.Cancel {
			return err
		}
	}
	return w.replay(ctx, goals)
}

// goalsAmong says which of the events of a page the job is about, and where they are to go.
func (w *work) goalsAmong(ctx context.Context, events []store.Event) ([]goal, error) {
	if w.job.Kind.Waits() {
		return w.waitingAmong(ctx, events)
	}
	return w.goals(events), nil
}

// page returns the next events that the filter finds, and the position behind them.
func (w *work) page(ctx context.Context) ([]store.Event, position, error) {
	next := w.at
	next.Goals = nil
	if ids := w.job.Filter.IDs; len(ids) > 0 {
		end := min(len(ids), w.at.IDs+w.pageSize())
		events, err := w.named(ctx, ids[w.at.IDs:end])
		next.IDs = end
		next.Ended = next.IDs == len(ids)
		return events, next, err
	}
	q := w.job.Filter.Query()
	var err error
	if q.After, err = w.at.cursor(); err != nil {
		return nil, next, because(store.UnknownPosition, err)
	}
	q.Limit = w.pageSize()
	page, err := w.Store.Events(ctx, q)
	next.After, next.Ended = page.Next.String(), page.Next.IsZero()
	return page.Events, next, err
}

// named returns those of the events with the ids that are there and that the filter lets
// pass.
func (w *work) named(ctx context.Context, ids []string) ([]store.Event, error) {
	var events []store.Event
	for _, id := range ids {
		e, err := w.Store.Event(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			w.did(0, 1)
		case err != nil:
			return nil, err
		case w.job.Filter.Event(e):
			events = append(events, *e)
		}
	}
	return events, nil
}

// goals says where the events are to go.
func (w *work) goals(events []store.Event) []goal {
	var goals []goal
	for i := range events {
		e := &events[i]
		routes, nowhere := w.targets(e)
		switch {
		case nowhere, len(routes) > 0 && e.Offset == store.NoOffset:
			w.did(0, 1)
		case len(routes) > 0:
			goals = append(goals, goal{ID: e.ID, Offset: e.Offset, Routes: routes})
		}
	}
	return goals
}

// replay brings events to their routes, and returns when all are there.
func (w *work) replay(ctx context.Context, goals []goal) error {
	if len(goals) == 0 {
		return nil
	}
	if !w.Archive {
		return because(store.NoArchive, errors.New("without an archive, only dead letters can be replayed"))
	}
	missing := make(map[int64]*goal, len(goals))
	for i := range goals {
		missing[goals[i].Offset] = &goals[i]
	}
	var failed atomic.Int64
	err := w.archive.read(ctx, slices.Collect(maps.Keys(missing)), func(offset int64, m *event.Message) error {
		g := missing[offset]
		if g == nil || m.ID != g.ID {
			return nil // of another archive of the same name
		}
		delete(missing, offset)
		return w.toRoutes(ctx, m, g.Routes, &failed)
	})
	w.running.Wait()
	if n := failed.Load(); n > 0 {
		err = errors.Join(err, because(store.NotSettled, fmt.Errorf("%d deliveries could not be replayed", n)))
	}
	if err == nil {
		w.did(0, int64(len(missing))) // which the archive does not hold any more
	}
	return err
}

func (w *work) toRoutes(ctx context.Context, m *event.Message, routes []string, failed *atomic.Int64) error {
	for _, route := range routes {
		err := w.begin(ctx, item{message: m, route: route}, func(done bool) {
			if !done {
				failed.Add(1)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
