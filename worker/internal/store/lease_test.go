package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

// leaseSetup returns two stores on one PostgreSQL database, the first of which leads.
func leaseSetup(t *testing.T) (holder, other *store.Store, lock *store.Lock, address string) {
	t.Helper()
	address = postgres(t)
	holder, err := store.Open(t.Context(), address)
	require.NoError(t, err)
	other = open(t.Context(), t, address).Store
	lock, err = holder.TryLock(t.Context())
	require.NoError(t, err)
	return holder, other, lock, address
}

func requireLost(t *testing.T, lock *store.Lock) {
	t.Helper()
	select {
	case <-lock.Lost():
	case <-time.After(30 * time.Second):
		require.Fail(t, "the holder does not know that it lost the lease")
	}
}

func TestALeaseEndsWhenItsHolderCannotRenewIt(t *testing.T) {
	t.Parallel()
	holder, other, lock, _ := leaseSetup(t)
	require.NoError(t, holder.Close()) // no statement of it reaches the server any more
	requireLost(t, lock)
	next, err := other.AwaitLock(t.Context())
	require.NoError(t, err)
	next.Release()
	lock.Release()
}

func TestAHolderLearnsThatAnotherTrackerHasItsLease(t *testing.T) {
	t.Parallel()
	holder, _, lock, address := leaseSetup(t)
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "UPDATE leases SET holder = 'another'")
	require.NoError(t, err)
	requireLost(t, lock)
	lock.Release()
	_, err = holder.TryLock(t.Context())
	require.ErrorIs(t, err, store.ErrLocked, "a release frees no lease of another tracker")
	require.NoError(t, db.Close())
	require.NoError(t, holder.Close())
}
