package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
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

func TestACorruptFileIsNamedWithWhatToDo(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte){
		"its first bytes": func(b []byte) { clear(b[:16]) },
		"its tables": func(b []byte) {
			for i := range b[100:] {
				b[100+i] ^= 0x5a
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "store.db")
			s, err := store.Open(t.Context(), "sqlite:"+file)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			damage(content)
			require.NoError(t, os.WriteFile(file, content, 0o600))
			_, err = store.Open(t.Context(), "sqlite:"+file)
			require.ErrorContains(t, err, file+" is corrupt")
			require.ErrorContains(t, err, "move the file away")
		})
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

func TestAConnectionFollowsTheURLOfThen(t *testing.T) {
	t.Parallel()
	address := postgres(t)
	admin, err := sql.Open("pgx", address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	role := "role_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	_, err = admin.ExecContext(t.Context(), "CREATE ROLE "+role+" LOGIN SUPERUSER")
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = admin.ExecContext(context.Background(), "DROP ROLE "+role) })

	var current atomic.Value
	current.Store(address)
	s, err := store.OpenFollowing(t.Context(), address, func(context.Context) (string, error) { return current.Load().(string), nil })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Ready(t.Context()))

	current.Store(strings.Replace(address, "penstock@", role+"@", 1))
	const connections = " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	_, err = admin.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid)"+connections)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Ready(t.Context()) == nil }, 30*time.Second, 20*time.Millisecond)
	var user string
	require.NoError(t, admin.QueryRowContext(t.Context(), "SELECT usename"+connections+" LIMIT 1").Scan(&user))
	require.Equal(t, role, user)
}
