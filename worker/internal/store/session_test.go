package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func TestASessionLastsUntilItEndsOrExpires(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		in := time.UnixMilli(time.Now().Add(time.Hour).UnixMilli()).UTC()
		anna := store.Session{Hash: "a1", Name: "anna", Token: "t1", Expires: in}
		ben := store.Session{Hash: "b1", Name: "ben@example.com", Write: true, Expires: in}
		late := store.Session{Hash: "c1", Name: "late", Expires: time.Now().Add(-time.Second)}
		for _, n := range []store.Session{anna, ben, late} {
			require.NoError(t, b.AddSession(b.ctx, n))
		}
		for _, want := range []store.Session{anna, ben} {
			got, err := b.Session(b.ctx, want.Hash)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		_, err := b.Session(b.ctx, "c1")
		require.ErrorIs(t, err, store.ErrNotFound)
		require.NoError(t, b.EndSession(b.ctx, "a1"))
		require.NoError(t, b.EndSession(b.ctx, "a1"))
		_, err = b.Session(b.ctx, "a1")
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}
