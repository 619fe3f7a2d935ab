package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestOldEventsGoInSmallStepsAndOpenOnesStay(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var batch store.Batch
		for n := range int64(10) {
			batch.Accepted = append(batch.Accepted, accepted(n, "billing"))
			batch.Records = append(batch.Records, record(n, "billing", status.Retrying), record(n, "billing", status.Delivered))
		}
		batch.Accepted[5].Routes = nil
		batch.Records = append(batch.Records[:10], batch.Records[12:]...) // 5 is unrouted
		batch.Records = append(batch.Records, record(1, "billing", status.Dead), record(2, "billing", status.Replayed), record(3, "billing", status.Retrying))
		b.apply(t, batch)

		deleted, at := 0, store.Cursor{}
		for steps := 1; ; steps++ {
			done, err := b.Prune(b.ctx, start.Add(8*time.Second), at, 3)
			require.NoError(t, err)
			require.LessOrEqual(t, done.Deleted, 3)
			deleted += done.Deleted
			if at = done.At; at.IsZero() {
				require.Equal(t, 3, steps)
				break
			}
		}
		require.Equal(t, 5, deleted)
		require.Equal(t, []string{id(9), id(8), id(3), id(2), id(1)}, b.all(t, store.Query{}))
		deliveries, sources, err := b.Tallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: 5}}, sources)
		require.Equal(t, []store.Tally{
			{Source: "shop", Route: "billing", State: store.Dead, Count: 1},
			{Source: "shop", Route: "billing", State: store.Delivered, Count: 2},
			{Source: "shop", Route: "billing", State: store.Pending, Count: 1},
			{Source: "shop", Route: "billing", State: store.Retrying, Count: 1},
		}, deliveries)
	})
}
