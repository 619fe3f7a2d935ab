package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAnEventThatNoRouteTookIsUnroutedUntilItIsReplayedToOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1), accepted(2, "billing")}})
		unrouted := store.Query{State: store.Unrouted}
		require.Equal(t, []string{id(1)}, b.all(t, unrouted))

		b.apply(t, store.Batch{Records: []status.Record{record(1, "audit", status.Replayed)}})
		require.Empty(t, b.all(t, unrouted))
		require.Equal(t, store.Pending, b.event(t, 1).Deliveries[0].State)
		require.Equal(t, []string{id(1)}, b.silent(t, start.Add(time.Hour), "audit"), "it is expected there from now on")
		_, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 2}}, sources)
	})
}
