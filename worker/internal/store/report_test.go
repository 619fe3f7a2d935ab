package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func TestTheLastReportIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		_, _, err := b.Report(b.ctx, "ledger")
		require.ErrorIs(t, err, store.ErrNotFound)
		require.NoError(t, b.SaveReport(b.ctx, "ledger", start, []byte(`{"a":1}`)))
		require.NoError(t, b.SaveReport(b.ctx, "ledger", start.Add(time.Minute), []byte(`{"a":2}`)))
		at, body, err := b.Report(b.ctx, "ledger")
		require.NoError(t, err)
		require.Equal(t, start.Add(time.Minute), at)
		require.JSONEq(t, `{"a":2}`, string(body))
	})
}
