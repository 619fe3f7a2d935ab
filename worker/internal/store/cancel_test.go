package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// withheld makes an event that waits, whose round the job j withholds.
func (b *bench) withheld(t *testing.T) consume.Round {
	t.Helper()
	b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{record(1, "billing", status.Retrying)}})
	round := consume.Round{Event: b.event(t, 1).ID, Route: "billing"}
	require.NoError(t, b.AddTombstones(b.ctx, "j", []consume.Round{round}))
	return round
}

func (b *bench) openJob(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, b.AddJob(b.ctx, &store.Job{ID: id, Kind: store.Cancel, State: store.JobWaiting, Created: start}, store.Audit{}))
}

func (b *bench) tombstones(t *testing.T) store.Tombstones {
	t.Helper()
	all, err := b.Tombstones(b.ctx)
	require.NoError(t, err)
	return all
}

func (b *bench) revision(t *testing.T) int64 {
	t.Helper()
	all, err := b.Pauses(b.ctx)
	require.NoError(t, err)
	return all.Revision
}

// After each of these records, the record that the round is cancelled decides nothing.
func TestARoundIsCancelledOnceAndOnlyWhileItWaits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		round := b.withheld(t)
		before := b.revision(t)
		cancelled := record(1, "billing", status.Cancelled)
		b.apply(t, store.Batch{Records: []status.Record{cancelled}})
		require.Greater(t, b.revision(t), before, "deliverers have to know")
		require.Equal(t, store.Tombstones{Dropped: []consume.Round{round}}, b.tombstones(t))
		late := record(1, "billing", status.Retrying)
		b.apply(t, store.Batch{Records: []status.Record{cancelled, late, record(1, "billing", status.Dropped)}})
		e := b.event(t, 1)
		require.Equal(t, store.Cancelled, e.Deliveries[0].State)
		past, err := b.History(b.ctx, e)
		require.NoError(t, err)
		require.Len(t, past, 2, "it is cancelled once")
		tallies, _, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Tally{{Source: "shop", Route: "billing", State: store.Cancelled, Count: 1}}, tallies)
	})
}

func TestARoundThatHasEndedIsNotCancelled(t *testing.T) {
	t.Parallel()
	again := record(1, "billing", status.Replayed)
	again.Replay = "r1"
	for name, last := range map[string]status.Record{
		"delivered": record(1, "billing", status.Delivered), "dead": record(1, "billing", status.Dead), "on another round": again,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, b *bench) {
				round := b.withheld(t)
				b.apply(t, store.Batch{Records: []status.Record{last, record(1, "billing", status.Cancelled)}})
				require.NotEqual(t, store.Cancelled, b.event(t, 1).Deliveries[0].State)
				require.Equal(t, store.Tombstones{Withheld: []consume.Round{round}}, b.tombstones(t))
				require.NoError(t, b.LiftTombstones(b.ctx, "j", []consume.Round{round}))
				require.Equal(t, store.Tombstones{}, b.tombstones(t))
			})
		})
	}
}

func TestALiftedTombstoneCannotBeSealedAndASealedOneNotLifted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		round := b.withheld(t)
		require.NoError(t, b.LiftTombstones(b.ctx, "another", []consume.Round{round}))
		require.Len(t, b.tombstones(t).Withheld, 1, "it is another job's")
		require.NoError(t, b.LiftTombstones(b.ctx, "j", []consume.Round{round}))
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Cancelled)}})
		require.Equal(t, store.Retrying, b.event(t, 1).Deliveries[0].State)

		require.NoError(t, b.AddTombstones(b.ctx, "j", []consume.Round{round}))
		require.NoError(t, b.AddTombstones(b.ctx, "k", []consume.Round{round}))
		of, err := b.TombstonesOf(b.ctx, "k", []string{round.Event})
		require.NoError(t, err)
		require.Equal(t, store.Tombstones{}, of, "it belongs to the first one")
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Cancelled)}})
		require.NoError(t, b.LiftTombstones(b.ctx, "j", []consume.Round{round}))
		require.Len(t, b.tombstones(t).Dropped, 1)
	})
}

func TestTombstonesEnd(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.openJob(t, "j")
		round := b.withheld(t)
		now := time.Now()
		require.NoError(t, b.PruneTombstones(b.ctx, now))
		require.Len(t, b.tombstones(t).Withheld, 1, "its job goes on")
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Cancelled)}})
		require.NoError(t, b.PruneTombstones(b.ctx, now.Add(29*24*time.Hour)))
		require.Equal(t, []consume.Round{round}, b.tombstones(t).Dropped, "the event has not surfaced")
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Dropped)}})
		require.NoError(t, b.PruneTombstones(b.ctx, now.Add(50*time.Minute)))
		require.Len(t, b.tombstones(t).Dropped, 1, "a copy may follow")
		before := b.revision(t)
		require.NoError(t, b.PruneTombstones(b.ctx, now.Add(2*time.Hour)))
		require.Equal(t, store.Tombstones{}, b.tombstones(t))
		require.Greater(t, b.revision(t), before)
	})
}

func TestWhatAJobLeavesUndecidedGoesOnWhenItEnds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.openJob(t, "j")
		b.withheld(t)
		require.NoError(t, b.EndJob(b.ctx, "j", store.JobCancelled, store.Audit{}))
		require.NoError(t, b.PruneTombstones(b.ctx, time.Now()))
		require.Equal(t, store.Tombstones{}, b.tombstones(t))
	})
}

func TestThereAreOnlySoManyTombstones(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		rounds := make([]consume.Round, store.MostTombstones)
		for i := range rounds {
			rounds[i] = consume.Round{Event: strconv.Itoa(i), Route: "billing"}
		}
		require.NoError(t, b.AddTombstones(b.ctx, "j", rounds))
		before := b.revision(t)
		require.ErrorIs(t, b.AddTombstones(b.ctx, "j", []consume.Round{{Event: "more", Route: "billing"}}), store.ErrTooManyTombstones)
		require.Equal(t, before, b.revision(t))
	})
}

func TestPausesAndTombstonesShareARevisionThatGrows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		last := b.revision(t)
		for i := range 4 {
			if i%2 == 0 {
				require.NoError(t, b.SetPause(b.ctx, store.Pause{Of: store.OfRoute, Name: "billing", Paused: true, At: time.Now()}, store.Audit{}))
			} else {
				require.NoError(t, b.AddTombstones(b.ctx, "j", []consume.Round{{Event: strconv.Itoa(i)}}))
			}
			require.Greater(t, b.revision(t), last)
			last = b.revision(t)
		}
	})
}
