package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestWhatIsInFlightIsSilentFromWhenSomethingShouldHaveBeenHeard(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		again := record(2, "billing", status.Retrying)
		again.NextAt = again.At.Add(time.Hour)
		b.apply(t, store.Batch{
			Accepted: []store.Accepted{accepted(1, "billing"), accepted(2, "billing"), accepted(3, "billing"), accepted(4, "audit")},
			Records:  []status.Record{again, record(3, "billing", status.Delivered)},
		})
		require.Equal(t, []string{id(1)}, b.silent(t, start.Add(10*time.Minute), "billing"))
		require.Equal(t, []string{id(1), id(2)}, b.silent(t, again.NextAt.Add(time.Millisecond), "billing"))
		require.Empty(t, b.silent(t, start.Add(time.Second), "billing"), "not before it was accepted")

		n, err := b.CountSilent(b.ctx, "billing", time.Time{}, again.NextAt.Add(time.Second), 100)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		n, err = b.CountSilent(b.ctx, "billing", time.Time{}, again.NextAt.Add(time.Second), 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)

		later, err := b.Delayed(b.ctx, "billing", start.Add(10*time.Minute), 10)
		require.NoError(t, err)
		require.Len(t, later, 1)
		require.Equal(t, store.Silent{
			Event: id(2), Source: "shop", Type: "order.paid", Route: "billing", State: store.Retrying,
			ReceivedAt: start.Add(2 * time.Second), At: again.At, NextAt: again.NextAt, Due: again.NextAt,
		}, later[0])
	})
}

// silent returns the events that are silent on a route since before a time.
func (b *bench) silent(t *testing.T, before time.Time, route string) []string {
	t.Helper()
	rows, err := b.Silent(b.ctx, route, time.Time{}, before, 10)
	require.NoError(t, err)
	ids := []string{}
	for _, row := range rows {
		ids = append(ids, row.Event)
	}
	return ids
}

func TestAnEventInHandIsHeardOfAndNothingElseChanges(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		held := record(1, "billing", status.Held)
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}})
		before := b.event(t, 1)
		b.apply(t, store.Batch{Records: []status.Record{held}})
		before.Deliveries[0].Held = store.Hold{At: held.At}
		require.Equal(t, before, b.event(t, 1))
		require.Empty(t, b.silent(t, held.At, "billing"))
		require.Len(t, b.silent(t, held.At.Add(time.Second), "billing"), 1)

		again := record(1, "billing", status.Retrying)
		again.NextAt = again.At.Add(time.Hour)
		done := record(1, "billing", status.Delivered)
		b.apply(t, store.Batch{Records: []status.Record{again, held}})
		require.Empty(t, b.silent(t, again.NextAt, "billing"), "it came late, and the next attempt stays where it was")
		b.apply(t, store.Batch{Records: []status.Record{done}})
		b.apply(t, store.Batch{Records: []status.Record{held}})
		require.Equal(t, store.Delivered, b.event(t, 1).Deliveries[0].State)
	})
}

func TestAnAnswerStaysWithItsAttempt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		first, second, third := record(1, "billing", status.Retrying), record(1, "billing", status.Retrying), record(1, "billing", status.Delivered)
		first.Answer, third.Answer = []byte("busy\x00\xff"), []byte("thank you")
		second.At, third.At = first.At.Add(time.Minute), first.At.Add(time.Hour)
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{first}})
		b.apply(t, store.Batch{Records: []status.Record{second, third}})
		past, err := b.History(b.ctx, b.event(t, 1))
		require.NoError(t, err)
		require.Len(t, past, 3)
		require.Equal(t, [][]byte{first.Answer, nil, third.Answer}, [][]byte{past[0].Answer.Body, past[1].Answer.Body, past[2].Answer.Body})

		pruned, err := b.Prune(b.ctx, third.At, store.Cursor{}, 10)
		require.NoError(t, err)
		require.Equal(t, 1, pruned.Deleted)
	})
}
