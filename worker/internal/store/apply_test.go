package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAnAcceptedEventIsPendingOnItsRoutes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(7, "billing", "audit")}})
		e := b.event(t, 7)
		require.Equal(t, "shop", e.Source)
		require.Equal(t, "order.paid", e.Type)
		require.Equal(t, "p7", e.ProviderID)
		require.Equal(t, start.Add(7*time.Second), e.ReceivedAt)
		require.Equal(t, 100, e.Size)
		require.EqualValues(t, 7, e.Offset)
		require.Equal(t, []store.Delivery{
			{Route: "audit", State: store.Pending, Fact: store.Fact{At: e.ReceivedAt}},
			{Route: "billing", State: store.Pending, Fact: store.Fact{At: e.ReceivedAt}},
		}, e.Deliveries)
		past, err := b.History(b.ctx, e)
		require.NoError(t, err)
		require.Empty(t, past)
	})
}

func TestTheLastRecordHoldsAndTheOthersBecomeHistory(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		failed := record(1, "billing", status.Retrying)
		failed.Reason, failed.HTTPStatus, failed.Took = fault.ReasonServerError, 503, 12*time.Millisecond
		failed.NextAt = failed.At.Add(5 * time.Second)
		dead := record(1, "billing", status.Dead)
		dead.Attempt, dead.At, dead.Reason, dead.LastReason = 2, failed.NextAt, fault.ReasonMaxAttempts, fault.ReasonTimeout
		replayed := record(1, "billing", status.Replayed)
		replayed.Attempt, replayed.At, replayed.Replay, replayed.By = 0, dead.At.Add(time.Hour), "r1", "ops"

		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{failed}})
		b.apply(t, store.Batch{Records: []status.Record{dead, replayed}})

		e := b.event(t, 1)
		require.NotEmpty(t, e.Deliveries[0].Incident, "it stays in it until it is delivered")
		require.Equal(t, []store.Delivery{{
			Route: "billing", State: store.Pending, Records: 3, Incident: e.Deliveries[0].Incident,
			Fact: store.Fact{Kind: status.Replayed, At: replayed.At, Attempt: 2, Replay: "r1", By: "ops"},
		}}, e.Deliveries)
		past, err := b.History(b.ctx, e)
		require.NoError(t, err)
		require.Equal(t, []store.Past{
			{Route: "billing", Fact: store.Fact{
				Kind: status.Retrying, At: failed.At, Attempt: 1, Reason: fault.ReasonServerError, HTTPStatus: 503,
				Took: 12 * time.Millisecond, NextAt: failed.NextAt,
			}},
			{Route: "billing", Fact: store.Fact{
				Kind: status.Dead, At: dead.At, Attempt: 2, Reason: fault.ReasonMaxAttempts, LastReason: fault.ReasonTimeout,
			}},
			{Route: "billing", Fact: e.Deliveries[0].Fact},
		}, past)
	})
}

func TestEachKindOfRecordLeadsToAState(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		want := map[status.Kind]store.State{
			status.Attempted: store.Retrying, status.Retrying: store.Retrying, status.Delivered: store.Delivered, status.Dead: store.Dead,
			status.Filtered: store.Filtered, status.Discarded: store.Discarded, status.Replayed: store.Pending,
		}
		n := int64(0)
		for kind, state := range want {
			n++
			b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(n, "billing")}, Records: []status.Record{record(n, "billing", kind)}})
			require.Equal(t, state, b.event(t, n).Deliveries[0].State, kind)
		}
	})
}

func TestStatusMayComeBeforeTheArchive(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Delivered)}})
		e := b.event(t, 1)
		require.EqualValues(t, store.NoOffset, e.Offset)
		require.Equal(t, start.Add(time.Second), e.ReceivedAt)

		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing", "audit")}})
		e = b.event(t, 1)
		require.EqualValues(t, 1, e.Offset)
		require.Equal(t, "p1", e.ProviderID)
		require.Equal(t, store.Pending, e.Deliveries[0].State)
		require.Equal(t, store.Delivered, e.Deliveries[1].State)
	})
}

func TestTheArchiveNamesASourceThatTheRecordsDidNot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		r := record(1, "billing", status.Delivered)
		r.Source, r.Type = "", ""
		b.apply(t, store.Batch{Records: []status.Record{r}})
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing", "audit")}})
		require.Equal(t, []string{id(1)}, b.all(t, store.Query{Source: "shop", Type: "order.paid"}))
		deliveries, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 1}}, sources)
		require.Equal(t, []store.Tally{
			{Source: "shop", Route: "audit", State: store.Pending, Count: 1},
			{Source: "shop", Route: "billing", State: store.Delivered, Count: 1},
		}, deliveries)
	})
}

func TestTheFirstEntryOfTheArchiveCounts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		again := accepted(1, "other")
		again.Offset = 9
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing"), again}})
		b.apply(t, store.Batch{Accepted: []store.Accepted{again}})
		e := b.event(t, 1)
		require.EqualValues(t, 1, e.Offset)
		require.Len(t, e.Deliveries, 1)
		_, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 1}}, sources)
	})
}

func TestOddTextsAreStored(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		odd := accepted(1)
		odd.ID, odd.ProviderID, odd.Type = id(1)+"\xff", "a\x00b", strings.Repeat("x", 255)
		b.apply(t, store.Batch{Accepted: []store.Accepted{odd}})
		e, err := b.Event(b.ctx, id(1)+"\uFFFD")
		require.NoError(t, err)
		require.Equal(t, "a\uFFFDb", e.ProviderID)
	})
}

func TestARecordOfNoRouteIsLeftOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{record(1, "", status.Dead)}})
		_, err := b.Event(b.ctx, id(1))
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

func TestABatchIsAppliedOnceAndInTurn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		first := store.Batch{
			Records: []status.Record{record(1, "billing", status.Retrying)},
			Moves:   []store.Move{{Stream: "status", To: store.Position{Next: 5, LastID: "m4"}}},
		}
		b.apply(t, first)
		require.ErrorIs(t, b.Apply(b.ctx, &first), store.ErrStale)
		second := first
		second.Moves = []store.Move{
			{Stream: "status", From: store.Position{Next: 5, LastID: "m4"}, To: store.Position{Next: 6, LastID: "m5"}},
			{Stream: "archive", From: store.Position{Next: 1, LastID: "a0"}, To: store.Position{Next: 2, LastID: "a1"}},
		}
		require.ErrorIs(t, b.Apply(b.ctx, &second), store.ErrStale)
		require.Equal(t, 1, b.event(t, 1).Deliveries[0].Records)
		second.Moves = second.Moves[:1]
		b.apply(t, second)
		require.ErrorIs(t, b.Apply(b.ctx, &second), store.ErrStale)
		require.Equal(t, 2, b.event(t, 1).Deliveries[0].Records)
		positions, err := b.Positions(b.ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]store.Position{"status": {Next: 6, LastID: "m5"}}, positions)
	})
}

func TestAGapIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		gap := store.Gap{Stream: "archive", From: 5, To: 90, Reason: "truncated", At: start}
		b.apply(t, store.Batch{Gaps: []store.Gap{gap}})
		gaps, err := b.Gaps(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Gap{gap}, gaps)
	})
}

func TestALargeBatchIsOneTransaction(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var batch store.Batch
		for n := range int64(3000) {
			batch.Accepted = append(batch.Accepted, accepted(n, "billing", "audit"))
			batch.Records = append(batch.Records, record(n, "billing", status.Retrying), record(n, "billing", status.Delivered))
		}
		b.apply(t, batch)
		require.Len(t, b.all(t, store.Query{Route: "billing", State: store.Delivered, Limit: 500}), 3000)
		deliveries, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 3000}}, sources)
		require.Equal(t, []store.Tally{
			{Source: "shop", Route: "audit", State: store.Pending, Count: 3000},
			{Source: "shop", Route: "billing", State: store.Delivered, Count: 3000},
		}, deliveries)
	})
}

func TestTrafficCountsWhatHappenedInEachMinute(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for range 2 {
			b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Retrying)}})
		}
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1)}})
		traffic, err := b.Traffic(b.ctx, start.Add(-time.Hour))
		require.NoError(t, err)
		minute := start.Add(time.Second).Truncate(time.Minute)
		require.Equal(t, []store.Traffic{
			{Minute: minute, Source: "shop", Kind: "accepted", Count: 1},
			{Minute: minute.Add(time.Minute), Source: "shop", Route: "billing", Kind: "retrying", Count: 2},
		}, traffic)
		require.NoError(t, b.PruneTraffic(b.ctx, minute.Add(time.Minute)))
		traffic, err = b.Traffic(b.ctx, time.Time{})
		require.NoError(t, err)
		require.Len(t, traffic, 1)
	})
}
