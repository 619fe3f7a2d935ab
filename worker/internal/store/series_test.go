package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestTheTrafficIsCountedInBucketsOfAnyWidth(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		from := start.Truncate(time.Hour)
		var batch store.Batch
		for n := range int64(30) { // one a minute, on two routes in turn
			a := accepted(n, fmt.Sprintf("route-%d", n%2))
			a.ReceivedAt = from.Add(time.Duration(n) * time.Minute)
			r := record(n, a.Routes[0], status.Delivered)
			r.At = a.ReceivedAt
			batch.Accepted, batch.Records = append(batch.Accepted, a), append(batch.Records, r)
		}
		b.apply(t, batch)
		for _, width := range []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute} {
			each := int64(width / time.Minute)
			for i := range int64(30) / each {
				require.Contains(t, b.series(t, from, width, store.Ungrouped), store.Bucketed{Bucket: int(i), Kind: "accepted", Count: each})
				require.Contains(t, b.series(t, from, width, store.BySource), store.Bucketed{Bucket: int(i), Name: "shop", Kind: "delivered", Count: each})
			}
			require.Len(t, b.series(t, from, width, store.Ungrouped), int(30/each)*2)
		}
		byRoute := b.series(t, from.Add(10*time.Minute), 20*time.Minute, store.ByRoute)
		require.Equal(t, []store.Bucketed{{0, "route-0", "delivered", 10}, {0, "route-1", "delivered", 10}}, byRoute)
		require.NoError(t, b.PruneTraffic(b.ctx, from.Add(20*time.Minute)))
		require.Equal(t, []store.Bucketed{{2, "", "accepted", 10}, {2, "", "delivered", 10}}, b.series(t, from, 10*time.Minute, store.Ungrouped))
	})
}

func (b *bench) series(t *testing.T, since time.Time, width time.Duration, by store.Grouping) []store.Bucketed {
	t.Helper()
	all, err := b.Series(b.ctx, since, width, by)
	require.NoError(t, err)
	slices.SortFunc(all, func(x, y store.Bucketed) int {
		return cmp.Or(cmp.Compare(x.Bucket, y.Bucket), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Kind, y.Kind))
	})
	return all
}

func TestTheTrafficIsListedInPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for n := range int64(5) {
			b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(60*n, "a")}, Records: []status.Record{record(60*n, "a", status.Delivered)}})
		}
		whole, err := b.Traffic(b.ctx, start.Add(-time.Hour))
		require.NoError(t, err)
		require.Len(t, whole, 10)
		var paged []store.Traffic
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, next, err := b.TrafficAfter(b.ctx, start.Add(-time.Hour), cursor, 3)
			require.NoError(t, err)
			paged, cursor = append(paged, page...), next
		}
		require.Equal(t, whole, paged)
		_, _, err = b.TrafficAfter(b.ctx, start, "x", 3)
		require.ErrorIs(t, err, store.ErrCursor)
	})
}
