package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// behindPooler runs a test on PostgreSQL behind PgBouncer, in both of its modes.
func behindPooler(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	for _, mode := range []string{"session", "transaction"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			t.Cleanup(cancel)
			test(t, open(ctx, t, pooled(t, mode)))
		})
	}
}

func TestTheStoreWorksBehindAPooler(t *testing.T) {
	t.Parallel()
	behindPooler(t, func(t *testing.T, b *bench) {
		// Readers use the same statements beside the writer, so the pooler moves all of them
		// between its connections to the server.
		const events = 160
		stored := make(chan int64)
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				for n := range stored {
					if _, err := b.Event(b.ctx, id(n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		var place store.Position
		for n := range int64(events) {
			next := store.Position{Next: n + 1, LastID: id(n)}
			b.apply(t, store.Batch{
				Accepted: []store.Accepted{accepted(n, "billing")},
				Records:  []status.Record{record(n, "billing", status.Delivered)},
				Moves:    []store.Move{{Stream: "archive", From: place, To: next}},
			})
			place = next
			stored <- n
		}
		close(stored)
		readers.Wait()
		require.Len(t, b.all(t, store.Query{Limit: 50}), events)
	})
}

func TestOneTrackerLeadsBehindAPooler(t *testing.T) {
	t.Parallel()
	behindPooler(t, func(t *testing.T, b *bench) {
		other := open(b.ctx, t, b.url)
		first, err := b.TryLock(b.ctx)
		require.NoError(t, err)
		_, err = other.TryLock(b.ctx)
		require.ErrorIs(t, err, store.ErrLocked)
		first.Release()
		second, err := other.TryLock(b.ctx)
		require.NoError(t, err)
		second.Release()
	})
}
