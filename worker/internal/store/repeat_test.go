package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// later is when senders send their events again.
var later = start.Add(time.Hour)

// acceptedAgain is an event that its sender sent again, in the archive at an offset.
func acceptedAgain(n int64, replay string, offset int64, routes ...string) store.Accepted {
	a := accepted(n, routes...)
	a.Replay, a.ReplayedAt, a.ReceivedAt, a.Offset = replay, later, later, offset
	return a
}

// deliveredAgain is what a deliverer records of a further round.
func deliveredAgain(n int64, replay string) status.Record {
	r := record(n, "billing", status.Delivered)
	r.Replay, r.At, r.ReceivedAt = replay, later.Add(time.Second), later
	return r
}

// requireRounds requires that an event was delivered on its first round and on another, and
// is counted once.
func (b *bench) requireRounds(t *testing.T, replay string) {
	t.Helper()
	e := b.event(t, 1)
	require.Equal(t, store.Delivered, e.Deliveries[0].State)
	past, err := b.History(b.ctx, e)
	require.NoError(t, err)
	require.Len(t, past, 3)
	require.Equal(t, store.Fact{Kind: status.Replayed, At: later, Attempt: past[1].Attempt, Reason: fault.ReasonRepeated, Replay: replay}, past[1].Fact)
	deliveries, sources, err := b.Tallies(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 1}}, sources)
	require.Equal(t, []store.Tally{{Source: "shop", Route: "billing", State: store.Delivered, Count: 1}}, deliveries)
}

func TestAnEventThatItsSenderSendsAgainIsOneEventOnAFurtherRound(t *testing.T) {
	t.Parallel()
	again := store.Batch{Accepted: []store.Accepted{acceptedAgain(1, "r1", 9, "billing")}}
	delivered := store.Batch{Records: []status.Record{deliveredAgain(1, "r1")}}
	for name, batches := range map[string][]store.Batch{
		"one after the other":        {again, delivered},
		"at once":                    {{Accepted: again.Accepted, Records: delivered.Records}},
		"the status stream is first": {delivered, again},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, b *bench) {
				b.apply(t, store.Batch{
					Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{record(1, "billing", status.Delivered)},
				})
				for _, one := range batches {
					one.Accepted = slices.Clone(one.Accepted) // both databases get it, at once
					b.apply(t, one)
				}
				b.requireRounds(t, "r1")
				require.EqualValues(t, 9, b.event(t, 1).Offset, "the archive keeps the newest entry for longest")
			})
		})
	}
}

func TestAnEventThatIsSentAgainIsPendingUntilItIsDelivered(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{record(1, "billing", status.Dead)}})
		b.apply(t, store.Batch{Accepted: []store.Accepted{acceptedAgain(1, "r1", 9, "billing", "new")}})
		for _, d := range b.event(t, 1).Deliveries {
			require.Equal(t, store.Pending, d.State, d.Route)
			silent, err := b.Silent(b.ctx, d.Route, time.Time{}, later.Add(time.Hour), 10)
			require.NoError(t, err)
			require.Len(t, silent, 1)
			require.Equal(t, later, silent[0].Due, "the ledger waits from the new round on")
		}
	})
}

func TestARoundThatAReplayFollowedLongAgoChangesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}})
		b.apply(t, store.Batch{Records: []status.Record{deliveredAgain(1, "r1"), deliveredAgain(1, "job")}})
		b.apply(t, store.Batch{Accepted: []store.Accepted{acceptedAgain(1, "r1", 9, "billing")}})
		d := b.event(t, 1).Deliveries[0]
		require.Equal(t, store.Delivered, d.State)
		require.Equal(t, "job", d.Replay)
	})
}

func TestAFurtherRoundOfAnEventThatTheStoreForgotIsKnown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{acceptedAgain(1, "r1", 9, "billing")}})
		require.Equal(t, store.Pending, b.event(t, 1).Deliveries[0].State)
		b.apply(t, store.Batch{Records: []status.Record{deliveredAgain(1, "r1"), deliveredAgain(2, "r2")}})
		b.apply(t, store.Batch{Accepted: []store.Accepted{acceptedAgain(2, "r2", 10, "billing")}})
		for n := range int64(2) {
			e := b.event(t, n+1)
			require.Equal(t, store.Delivered, e.Deliveries[0].State)
			require.Equal(t, 9+n, e.Offset)
		}
		_, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 2}}, sources)
	})
}
