package dedup_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

func TestARedisThatIsGoneIsUnavailableAtOnce(t *testing.T) {
	t.Parallel()
	l := listen(t)
	require.NoError(t, l.Close())
	r := newRedis(t, "redis://"+l.Addr().String(), impatient)
	began := time.Now()
	for range 10 {
		_, err := r.Claim(t.Context(), "key", "id", lease)
		require.ErrorIs(t, err, dedup.ErrUnavailable)
		require.ErrorIs(t, r.Settle(t.Context(), "key", "id", window), dedup.ErrUnavailable)
	}
	require.Less(t, time.Since(began), 3*time.Second)
}

func TestASilentRedisHoldsUpFewCallsAndNoneForLong(t *testing.T) {
	t.Parallel()
	r := newRedis(t, "redis://"+listen(t).Addr().String(), impatient) // it accepts, and never answers
	began := time.Now()
	for range 100 {
		_, err := r.Claim(t.Context(), "key", "id", lease)
		require.ErrorIs(t, err, dedup.ErrUnavailable)
	}
	require.Less(t, time.Since(began), 5*time.Second, "100 calls that all wait would take 50 s")
}

func TestAWrongURLIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	_, err := dedup.NewRedis("http://user:hunter2@host/", impatient)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}
