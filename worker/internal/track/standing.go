package track

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/worker/internal/store"
)

// standingTime bounds the look into the store for the metrics below.
const standingTime = 5 * time.Second

// standing is how it stands with a route.
type standing struct {
	backlog, dead int64
	retrying      time.Duration // since the oldest event was accepted that waits for another attempt; 0: none
	pending       time.Duration // since the oldest was accepted that waits for its first attempt; 0: none
}

// observeStanding shows how it stands with each route, as of the last batch. While
// another tracker is the active one, that one tells.
func (t *Tracker) observeStanding(m *instrument.Maker) {
	show := func(name string, value func(standing) float64) {
		m.Observe(name, func(ctx context.Context, observe instrument.Observation) {
			for route, s := range t.standings(ctx) {
				observe(value(s), attribute.String("route", route))
			}
		})
	}
	show("penstock.backlog.events", func(s standing) float64 { return float64(s.backlog) })
	show("penstock.dead.events", func(s standing) float64 { return float64(s.dead) })
	show("penstock.oldest_waiting.age", func(s standing) float64 { return max(s.retrying, s.pending).Seconds() })
	show("penstock.oldest_pending.age", func(s standing) float64 { return s.pending.Seconds() })
}

// standings looks at every route that is configured, or has deliveries left.
func (t *Tracker) standings(ctx context.Context) map[string]standing {
	if !t.active.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, standingTime)
	defer cancel()
	tallies, _, err := t.store.Tallies(ctx)
	if err != nil {
		t.log.Debug("the metrics cannot tell the backlog", zap.Error(err))
		return nil
	}
	all := map[string]standing{}
	for route := range t.configured.Load().bindings {
		all[route] = standing{}
	}
	for _, tally := range tallies {
		all[tally.Route] = all[tally.Route].with(tally)
	}
	t.age(ctx, all, store.Pending, func(s *standing) *time.Duration { return &s.pending })
	t.age(ctx, all, store.Retrying, func(s *standing) *time.Duration { return &s.retrying })
	return all
}

// age notes how old the oldest event in a state is, by route.
func (t *Tracker) age(ctx context.Context, all map[string]standing, state store.State, of func(*standing) *time.Duration) {
	oldest, err := t.store.Oldest(ctx, slices.Sorted(maps.Keys(all)), state)
	if err != nil {
		t.log.Debug("the metrics do not know the oldest events", zap.Error(err))
	}
	for route, at := range oldest {
		s := all[route]
		*of(&s) = max(time.Since(at), 0)
		all[route] = s
	}
}

func (s standing) with(t store.Tally) standing {
	if t.State == store.Dead {
		s.dead += t.Count
	}
	if t.State == store.Pending || t.State == store.Retrying {
		s.backlog += t.Count
	}
	return s
}
