package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/worker/internal/store"
)

func refused(instance string, number int64, at time.Time, source, reason string, n int64) refusal.Report {
	return refusal.Report{Instance: instance, Number: number, At: at, Counts: []refusal.Count{{Source: source, Reason: reason, N: n, LastAt: at}}}
}

func TestRefusalsAreAddedUpAndAReportCountsOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for _, r := range []refusal.Report{
			refused("one", 1, start, "shop", "signature", 3),
			refused("one", 1, start, "shop", "signature", 3), // it comes again
			refused("two", 1, start.Add(time.Hour), "shop", "signature", 4),
			refused("one", 2, start, "shop", "too-large", 1),
			refused("one", 1, start, "shop", "signature", 3), // and late
			refused("one", 3, start, "git", "signature", 9),
		} {
			require.NoError(t, b.AddRefusals(b.ctx, r))
		}
		all, err := b.Refusals(b.ctx, start)
		require.NoError(t, err)
		require.Equal(t, []store.Refusal{
			{"git", "signature", 9, start}, {"shop", "signature", 7, start.Add(time.Hour)}, {"shop", "too-large", 1, start},
		}, all)
		number, err := b.Reported(b.ctx, "one")
		require.NoError(t, err)
		require.EqualValues(t, 3, number)

		require.NoError(t, b.PruneRefusals(b.ctx, start.Add(time.Hour)))
		all, err = b.Refusals(b.ctx, start)
		require.NoError(t, err)
		require.Equal(t, []store.Refusal{{"shop", "signature", 4, start.Add(time.Hour)}}, all)
		number, err = b.Reported(b.ctx, "one")
		require.NoError(t, err)
		require.Zero(t, number)
	})
}

func TestRepetitionsBelongToTheirEvent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}})
		id := id(1)
		r := refusal.Report{Instance: "one", Number: 1, At: start, Repeats: []refusal.Repeat{{Event: id, N: 2, LastAt: start.Add(time.Minute)}, {Event: "gone", N: 1, LastAt: start}}}
		require.NoError(t, b.AddRefusals(b.ctx, r))
		require.NoError(t, b.AddRefusals(b.ctx, r)) // it comes again
		r = refusal.Report{Instance: "two", Number: 1, At: start, Repeats: []refusal.Repeat{{Event: id, N: 1, LastAt: start}}}
		require.NoError(t, b.AddRefusals(b.ctx, r))
		require.NoError(t, b.PruneRefusals(b.ctx, start.Add(time.Hour)))
		e, err := b.Event(b.ctx, id)
		require.NoError(t, err)
		require.EqualValues(t, 3, e.Repeats)
		require.Equal(t, start.Add(time.Minute), e.RepeatedAt)
	})
}
