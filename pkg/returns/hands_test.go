package returns

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMessageIsAwaitedUntilNoCopyIsOnItsWay(t *testing.T) {
	t.Parallel()
	var h hands
	one := way{"penstock.route.a", "1"}
	require.NoError(t, h.await(t.Context(), one), "it is not on its way")
	drop, dropCopy := h.take(one), h.take(one)
	for _, other := range []way{{"penstock.route.b", "1"}, {"penstock.route.a", "2"}} {
		require.NoError(t, h.await(t.Context(), other))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, h.await(ended, one), context.Canceled)

	done := make(chan error)
	go func() { done <- h.await(t.Context(), one) }()
	drop()
	select {
	case <-done:
		require.Fail(t, "a copy is on its way")
	default:
	}
	dropCopy()
	require.NoError(t, <-done)
	require.Empty(t, h.moving)
}
