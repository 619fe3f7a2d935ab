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

func TestAWrongAddressIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "sqlite:", "mysql://u:hunter2@h/d", "postgres://u:hunter2@h:port/d"} {
		_, err := store.Open(t.Context(), url)
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestSeveralProcessesMayStartAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var starts sync.WaitGroup
		for range 4 {
			starts.Go(func() {
				s, err := store.Open(b.ctx, b.url)
				if err == nil {
					err = s.Ready(b.ctx)
					_ = s.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		starts.Wait()
	})
}

func TestWhatWasStoredIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}})
		again := open(b.ctx, t, b.url)
		again.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Delivered)}})
		require.Equal(t, store.Delivered, b.event(t, 1).Deliveries[0].State)
	})
}

func TestOneHoldsTheLockAndAnotherTakesItOver(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		other := open(b.ctx, t, b.url)
		first, err := b.TryLock(b.ctx)
		require.NoError(t, err)
		_, err = other.TryLock(b.ctx)
		require.ErrorIs(t, err, store.ErrLocked)

		taken := make(chan *store.Lock)
		go func() {
			l, err := other.AwaitLock(b.ctx)
			if err != nil {
				t.Error(err)
			}
			taken <- l
		}()
		first.Release()
		first.Release()
		select {
		case second := <-taken:
			_, err = b.TryLock(b.ctx)
			require.ErrorIs(t, err, store.ErrLocked)
			second.Release()
		case <-time.After(15 * time.Second):
			require.Fail(t, "nobody took the lock over")
		}
		again, err := b.TryLock(b.ctx)
		require.NoError(t, err)
		again.Release()
	})
}

func TestWaitingForTheLockEndsWithItsContext(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		held, err := b.TryLock(b.ctx)
		require.NoError(t, err)
		defer held.Release()
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		_, err = b.AwaitLock(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
}
