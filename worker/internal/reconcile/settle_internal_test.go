package reconcile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

// However often the reconciler dies before it has tried, the event is not given up.
func TestATryThatDidNotBeginDoesNotCount(t *testing.T) {
	t.Parallel()
	w, _, _ := gap(t, "", "", 0)
	one := store.Sent{State: store.SentMissing}
	for range 10 {
		one.State, one.Tries = store.SentPublishing, one.Tries+1
		one = w.worker().overdue(one)
		require.Equal(t, store.SentMissing, one.State)
		require.Zero(t, one.Tries)
	}
}
