package dedup_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

const lease, window = time.Minute, time.Hour

func claim(t *testing.T, s store, key, id string) dedup.Claim {
	t.Helper()
	c, err := s.Claim(t.Context(), key, id, lease)
	require.NoError(t, err)
	return c
}

func settle(t *testing.T, s store, key, id string, window time.Duration) {
	t.Helper()
	require.NoError(t, s.Settle(t.Context(), key, id, window))
}

func TestAnEventIsPendingAndThenDoneUnderItsFirstID(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		require.Equal(t, dedup.Claim{State: dedup.Fresh}, claim(t, s, key, "one"))
		require.Equal(t, dedup.Claim{State: dedup.Pending}, claim(t, s, key, "two"))
		settle(t, s, key, "one", window)
		require.Equal(t, dedup.Claim{State: dedup.Done, ID: "one"}, claim(t, s, key, "two"))
		require.Equal(t, dedup.Claim{State: dedup.Fresh}, claim(t, s, newKey(), "two"), "another key")
	})
}

func TestAReleasedClaimLetsARetryIn(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		claim(t, s, key, "one")
		settle(t, s, key, "two", 0)
		require.Equal(t, dedup.Pending, claim(t, s, key, "two").State, "only who claimed it can release it")
		settle(t, s, key, "one", 0)
		require.Equal(t, dedup.Fresh, claim(t, s, key, "two").State)
	})
}

func TestWhatIsDoneStaysDone(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		settle(t, s, key, "one", window) // its claim had lapsed, or never got through
		settle(t, s, key, "one", 0)
		settle(t, s, key, "two", window)
		require.Equal(t, dedup.Claim{State: dedup.Done, ID: "one"}, claim(t, s, key, "three"))
	})
}

func TestOneOf64ConcurrentClaimsIsFresh(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		var fresh atomic.Int64
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				c, err := s.Claim(t.Context(), key, strconv.Itoa(i), lease)
				if err != nil {
					t.Error(err)
				}
				if c.State == dedup.Fresh {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, fresh.Load())
	})
}

func TestClaimsAndEventsLapseInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, err := dedup.NewMemory(10)
		require.NoError(t, err)
		claim(t, m, "key", "one")
		<-time.After(lease)
		require.Equal(t, dedup.Fresh, claim(t, m, "key", "two").State)
		settle(t, m, "key", "two", window)
		<-time.After(window - 1)
		require.Equal(t, dedup.Done, claim(t, m, "key", "three").State)
		<-time.After(1)
		require.Equal(t, dedup.Fresh, claim(t, m, "key", "three").State)
	})
}

func TestClaimsAndEventsLapseInRedis(t *testing.T) {
	t.Parallel()
	r, key := newRedis(t, redisURL(t), patient), newKey()
	lapses := func(id string) {
		require.Eventually(t, func() bool {
			c, err := r.Claim(t.Context(), key, id, 50*time.Millisecond)
			return err == nil && c.State == dedup.Fresh
		}, 10*time.Second, 10*time.Millisecond)
	}
	_, err := r.Claim(t.Context(), key, "one", 50*time.Millisecond)
	require.NoError(t, err)
	lapses("two")
	settle(t, r, key, "two", 50*time.Millisecond)
	lapses("three")
}

func TestMemoryIsBoundedAndForgetsTheOldest(t *testing.T) {
	t.Parallel()
	m, err := dedup.NewMemory(2)
	require.NoError(t, err)
	for _, key := range []string{"a", "b", "c"} {
		settle(t, m, key, key, window)
	}
	require.Equal(t, dedup.Done, claim(t, m, "b", "x").State)
	require.Equal(t, dedup.Done, claim(t, m, "c", "x").State)
	require.Equal(t, dedup.Fresh, claim(t, m, "a", "x").State)
	_, err = dedup.NewMemory(0)
	require.Error(t, err)
}
