package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
)

var queue = topology.RouteQueue("billing")

func TestAnEventThatIsNowhereIsNamedAndForgivenWhenItIsHeardOf(t *testing.T) {
	t.Parallel()
	s := setup(t)
	id := s.accept(t, "billing", time.Now())
	s.run(t).names(t, id)
	r, err := ledger.Read(s.ctx, s.Store)
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Unaccounted)
	require.Equal(t, []ledger.Entry{{Source: "shop", Route: "billing", Accepted: 1, InFlight: 1, Unaccounted: 1}}, r.Entries)
	require.WithinDuration(t, time.Now(), r.AsOf, time.Minute)

	s.record(t, status.Record{Kind: status.Delivered, Event: id, Attempt: 1})
	s.names(t)
	r, err = ledger.Read(s.ctx, s.Store)
	require.NoError(t, err)
	require.Zero(t, r.Unaccounted)
	require.Equal(t, []ledger.Entry{{Source: "shop", Route: "billing", Accepted: 1, Delivered: 1}}, r.Entries)
}

func TestWhatWaitsForGoodReasonIsNotMissing(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, s *site){
		"in the queue of a route that nobody works on": func(t *testing.T, s *site) {
			s.depths[queue] = 1
			s.accept(t, "billing", time.Now().Add(-time.Hour))
		},
		"in a delay level": func(t *testing.T, s *site) {
			s.depths[topology.LevelQueue(1<<12)] = 1
			at := time.Now().Add(-time.Minute)
			s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(1 << 12 * time.Second)})
		},
		"in a shorter level, as its own refused it": func(t *testing.T, s *site) {
			s.depths[topology.LevelQueue(1<<11)] = 1
			at := time.Now().Add(-time.Minute)
			s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(1 << 12 * time.Second)})
		},
		"in a level of a process before version 1": func(t *testing.T, s *site) {
			s.depths[topology.BitLevel(12)] = 1
			at := time.Now().Add(-time.Minute)
			s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(1 << 12 * time.Second)})
		},
		"on its way back from a level": func(t *testing.T, s *site) {
			s.depths[topology.Return] = 1
			at := time.Now().Add(-time.Minute)
			s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(time.Second)})
		},
		"dead": func(t *testing.T, s *site) {
			s.record(t, status.Record{Kind: status.Dead, Event: "e", Attempt: 1, At: time.Now().Add(-time.Hour)})
		},
		"deferred": func(t *testing.T, s *site) {
			s.depths[topology.DeferredQueue("billing")] = 1
			s.accept(t, "billing", time.Now().Add(-time.Hour))
		},
		"in its queue, while later ones that were deferred are handled": func(t *testing.T, s *site) {
			s.depths[queue], s.depths[topology.DeferredQueue("billing")], s.workers = 1, 1, 1
			s.accept(t, "billing", time.Now().Add(-time.Hour))
			s.frontier["billing"] = time.Now().Add(-time.Minute)
		},
		"in a partition's queue": func(t *testing.T, s *site) {
			s.routes[0].Partitions = 2
			s.depths[topology.PartitionQueue("billing", 1)] = 1
			s.accept(t, "billing", time.Now().Add(-time.Hour))
		},
		"parked": func(t *testing.T, s *site) {
			s.routes[0].Partitions = 2
			s.depths[topology.ParkedQueue("billing", 0)] = 1
			at := time.Now().Add(-time.Minute)
			s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(time.Hour)})
			s.record(t, status.Record{Kind: status.Held, Event: "e", At: at, NextAt: at.Add(time.Second)})
		},
		"among the orphans, as its route is gone": func(t *testing.T, s *site) {
			s.depths[topology.Orphan] = 1
			s.accept(t, "gone", time.Now().Add(-time.Hour))
		},
		"not read by the tracker yet": func(t *testing.T, s *site) {
			s.behind = true
			s.accept(t, "billing", time.Now().Add(-time.Hour))
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			prepare(t, s)
			s.run(t).silent(t)
		})
	}
}

func TestAnEventInAWorkersHandsIsNotMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	id := s.accept(t, "billing", time.Now())
	s.run(t)
	s.during(t, func() { s.record(t, status.Record{Kind: status.Held, Event: id}) })
}

func TestAnEventThatAPartitionsWorkerHoldsUntilItsNextAttemptIsMissingOnceNobodySaysSo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.routes[0].Partitions = 2
	at := time.Now()
	s.record(t, status.Record{Kind: status.Retrying, Event: "e", Attempt: 1, At: at, NextAt: at.Add(time.Hour)})
	s.run(t)
	s.during(t, func() {
		s.record(t, status.Record{Kind: status.Held, Event: "e", NextAt: time.Now().Add(margin)})
	})
	s.names(t, "e")
}

// Order holds within a key alone: one may be far ahead of another.
func TestAMissingEventOfAnOrderedRouteIsCountedBehindABacklogAndNotGuessed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.routes[0].Partitions = 2
	now := time.Now()
	s.accept(t, "billing", now.Add(-time.Hour))
	s.accept(t, "billing", now.Add(-time.Minute))
	s.depths[topology.PartitionQueue("billing", 0)], s.workers = 1, 1
	s.frontier["billing"] = now.Add(-2 * time.Minute)
	s.run(t)
	require.Eventually(t, func() bool {
		r, err := ledger.Read(s.ctx, s.Store)
		require.NoError(t, err)
		return r.Unaccounted == 1
	}, 30*time.Second, every)
	require.Empty(t, s.missing(t))
}

func TestAnEventOfAGoneQueueIsMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.run(t).names(t, s.accept(t, "gone", time.Now()))
}

// A route with workers is never looked into.
func TestAMissingEventBehindABacklogIsCountedAtOnceAndNamedWhenLaterOnesWereHandled(t *testing.T) {
	t.Parallel()
	s := setup(t)
	now := time.Now()
	lost := s.accept(t, "billing", now.Add(-time.Hour))
	s.accept(t, "billing", now.Add(-time.Minute))
	s.depths[queue], s.workers = 1, 1
	s.run(t)
	require.Eventually(t, func() bool {
		r, err := ledger.Read(s.ctx, s.Store)
		require.NoError(t, err)
		return r.Unaccounted == 1 && len(r.Missing) == 0
	}, 30*time.Second, every)
	s.change(func() { s.frontier["billing"] = now.Add(-2 * time.Minute) })
	s.names(t, lost)
}

func TestADelayedEventThatIsInNoLevelIsMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	at := time.Now().Add(-time.Minute)
	s.record(t, status.Record{Kind: status.Retrying, Event: "lost", Attempt: 1, At: at, NextAt: at.Add(1 << 12 * time.Second)})
	s.record(t, status.Record{Kind: status.Retrying, Event: "kept", Attempt: 1, At: at, NextAt: at.Add(1 << 13 * time.Second)})
	s.depths[topology.LevelQueue(1<<13)] = 1
	s.run(t).names(t, "lost")
}

func TestTheBrokersDeadLettersAreRecordedAndNotMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	id := s.accept(t, "billing", time.Now())
	s.depths[topology.DeadQueue("billing")] = 1
	s.letters = []ledger.Letter{{Message: &event.Message{
		ID: id, Type: "order.paid", Headers: map[string]any{event.HeaderSource: "shop", event.HeaderReceivedAt: int64(1)},
	}, Death: "delivery_limit"}}
	s.run(t)
	require.Eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.emitted) > 0 }, 30*time.Second, every)
	require.Empty(t, s.missing(t))
	s.silent(t)
	require.Len(t, s.emitted, 1)
	got := s.emitted[0]
	require.Equal(t, status.Record{
		Kind: status.Dead, Event: id, Source: "shop", Type: "order.paid", Route: "billing",
		Reason: fault.ReasonDeliveryLimit, ReceivedAt: got.ReceivedAt,
	}, got)
	got.At = time.Now()
	s.apply(t, &store.Batch{Records: []status.Record{got}})
	s.silent(t)
}

func TestAMissingEventOfAQueueThatNobodyWorksOnIsNamedByOneLookIntoIt(t *testing.T) {
	t.Parallel()
	s := setup(t)
	lost := s.accept(t, "billing", time.Now().Add(-time.Hour))
	kept := s.accept(t, "billing", time.Now().Add(-time.Hour))
	s.depths[queue] = 1
	s.letters = []ledger.Letter{{Message: &event.Message{ID: kept}}}
	s.run(t).names(t, lost)
	require.Never(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.peeked) > 1 }, 2*patience, every)
	require.Equal(t, []string{queue}, s.peeked)
}
