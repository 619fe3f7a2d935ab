package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// lease is how long a sweep may use a queue while another one waits for it.
const lease = 15 * time.Second

// sweep goes through the dead letters that the job may be about, route by route.
func (w *work) sweep(ctx context.Context) error {
	if w.job.Kind.Waits() {
		return nil
	}
	if f := w.job.Filter; w.job.Kind == store.Replay && w.job.To == "" && f.State != "" && f.State != store.Dead {
		return nil
	}
	routes, err := w.deadRoutes(ctx)
	if err != nil {
		return err
	}
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		if w.at.swept(route) {
			continue
		}
		if w.job.Kind == store.Replay && w.Config().Routes[route] == nil {
			continue // there is nobody to replay it to
		}
		if err := w.sweepRoute(ctx, route, routes[route]); err != nil {
			return fmt.Errorf("go through the dead letters of %s: %w", route, err)
		}
		if err := w.move(ctx, func(p *position) { p.Swept = append(p.Swept, route) }); err != nil {
			return err
		}
	}
	return nil
}

// deadRoutes returns the routes to go through, with how many dead letters the job is
// about there at most; all stands for any number.
func (w *work) deadRoutes(ctx context.Context) (map[string]int, error) {
	f := &w.job.Filter
	switch {
	case len(f.IDs) > 0:
		return w.deadRoutesOf(ctx, f.IDs)
	case w.job.To != "":
		return map[string]int{w.job.To: all}, nil
	case f.Route != "":
		return map[string]int{f.Route: all}, nil
	}
	routes := map[string]int{}
	for route := range w.Config().Routes {
		routes[route] = all
	}
	tallies, _, err := w.Store.Tallies(ctx)
	for _, t := range tallies {
		if t.State == store.Dead && t.Count > 0 {
			routes[t.Route] = all // also of a route that is gone
		}
	}
	return routes, err
}

// all is any number of dead letters.
const all = -1

// deadRoutesOf looks up where single events are dead letters.
func (w *work) deadRoutesOf(ctx context.Context, ids []string) (map[string]int, error) {
	routes := map[string]int{}
	for _, id := range ids {
		e, err := w.Store.Event(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range e.Deliveries {
			d := &e.Deliveries[i]
			if d.State == store.Dead && (w.job.To == d.Route || w.job.To == "" && w.job.Filter.Delivery(d)) {
				routes[d.Route]++
			}
		}
	}
	return routes, nil
}

// sweepRoute goes through the dead letters of a route, in turn with other jobs, until
// what the job is about has gone from there.
func (w *work) sweepRoute(ctx context.Context, route string, expected int) error {
	w.sweeps(route)
	for settled := newLedger(); ; {
		turn, err := w.queues.of(ctx, route)
		if err != nil {
			return err
		}
		s := &sweep{work: w, turn: turn, route: route, queue: topology.DeadQueue(route), expected: expected, settled: settled}
		complete, err := s.run(ctx)
		turn.leave()
		switch {
		case errors.Is(err, amqpx.ErrNoQueue):
			return nil // nothing has died there
		case err != nil:
			return err
		case complete && s.found <= certain:
			return nil
		case complete:
			expected = all // look whether all of it has gone
		case expected != all:
			expected -= s.found
		}
	}
}

// certain is how many acknowledgements the broker has certainly taken when their channel
// closes. Past it, it may still hold some back, and forgets those: RabbitMQ passes on 32
// of a channel at a time to a quorum queue. What it forgot comes again, and is
// acknowledged again.
const certain = 32

// ledger knows which dead letters were dealt with, in case that they come again.
type ledger struct {
	mu  sync.Mutex
	all map[string]struct{}
}

func newLedger() *ledger { return &ledger{all: map[string]struct{}{}} }

func (l *ledger) add(m *event.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[keyOf(m)] = struct{}{}
}

func (l *ledger) has(m *event.Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, has := l.all[keyOf(m)]
	return has
}

// keyOf tells a dead letter from a later one of the same event.
func keyOf(m *event.Message) string {
	return fmt.Sprintf("%s %d %s", m.ID, m.Int(event.HeaderDeadAt), m.Text(event.HeaderReplay))
}
