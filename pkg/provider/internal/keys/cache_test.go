package keys_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
)

// clock is a time that moves when a test says so.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(1_700_000_000)
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(c.at.Load(), 0) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d / time.Second)) }

var errDown = errors.New("down")

// counted is a load that counts, and fails while it is told to.
type counted struct {
	loads   atomic.Int64
	failing atomic.Bool
}

func (l *counted) load(context.Context) (int64, error) {
	n := l.loads.Add(1)
	if l.failing.Load() {
		return 0, errDown
	}
	return n, nil
}

func TestAValueIsLoadedAgainWhenItIsOld(t *testing.T) {
	t.Parallel()
	now, source := newClock(), &counted{}
	cache := &keys.Cache[int64]{Now: now.Now}
	for range 3 {
		value, err := cache.Get(t.Context(), "a", source.load)
		require.NoError(t, err)
		require.EqualValues(t, 1, value)
	}
	now.advance(keys.Lifetime)
	require.Eventually(t, func() bool {
		value, err := cache.Get(t.Context(), "a", source.load)
		return err == nil && value == 2
	}, time.Second, time.Millisecond)
}

func TestAFailureIsRememberedForAShortWhile(t *testing.T) {
	t.Parallel()
	now, source := newClock(), &counted{}
	source.failing.Store(true)
	cache := &keys.Cache[int64]{Now: now.Now}
	for range 3 {
		_, err := cache.Get(t.Context(), "a", source.load)
		require.ErrorIs(t, err, errDown)
	}
	require.EqualValues(t, 1, source.loads.Load())
	source.failing.Store(false)
	now.advance(keys.Grudge)
	_, err := cache.Get(t.Context(), "a", source.load)
	require.NoError(t, err)
}

func TestAFailedRefreshKeepsTheOldValue(t *testing.T) {
	t.Parallel()
	now, source := newClock(), &counted{}
	cache := &keys.Cache[int64]{Now: now.Now}
	_, err := cache.Get(t.Context(), "a", source.load)
	require.NoError(t, err)
	source.failing.Store(true)
	for loads := range 2 {
		now.advance(keys.Lifetime)
		require.Eventually(t, func() bool {
			value, err := cache.Get(t.Context(), "a", source.load)
			return err == nil && value == 1 && source.loads.Load() == int64(loads+2)
		}, time.Second, time.Millisecond, "it does not try again after a while")
	}
	_, err = cache.Refresh(t.Context(), "a", source.load)
	require.Error(t, err, "who needs a new value is given the old one")
}

func TestConcurrentCallersShareALoad(t *testing.T) {
	t.Parallel()
	release, source := make(chan struct{}), &counted{}
	cache := &keys.Cache[int64]{}
	var callers sync.WaitGroup
	started := make(chan struct{}, 8)
	for range 8 {
		callers.Go(func() {
			started <- struct{}{}
			value, err := cache.Get(t.Context(), "a", func(ctx context.Context) (int64, error) {
				<-release
				return source.load(ctx)
			})
			if err != nil || value != 1 {
				t.Errorf("got %d, %v", value, err)
			}
		})
	}
	for range 8 {
		<-started
	}
	close(release)
	callers.Wait()
	require.EqualValues(t, 1, source.loads.Load())
}

func TestAnImpatientCallerLeavesAndTheLoadGoesOn(t *testing.T) {
	t.Parallel()
	release, source := make(chan struct{}), &counted{}
	cache := &keys.Cache[int64]{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := cache.Get(ctx, "a", func(ctx context.Context) (int64, error) {
		<-release
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return source.load(ctx)
	})
	require.ErrorIs(t, err, keys.ErrUnavailable)
	close(release)
	require.Eventually(t, func() bool {
		value, err := cache.Get(t.Context(), "a", source.load)
		return err == nil && value == 1
	}, time.Second, time.Millisecond)
	require.EqualValues(t, 1, source.loads.Load())
}

func TestNamesOutOfRequestsCannotMakeItLoadWithoutEnd(t *testing.T) {
	t.Parallel()
	now, source := newClock(), &counted{}
	cache := &keys.Cache[int64]{Now: now.Now}
	refused := 0
	for i := range 1000 {
		if _, err := cache.Get(t.Context(), strconv.Itoa(i), source.load); errors.Is(err, keys.ErrUnavailable) {
			refused++
		}
	}
	require.EqualValues(t, 20, source.loads.Load())
	require.Equal(t, 980, refused)
	now.advance(5 * time.Second)
	_, err := cache.Get(t.Context(), "later", source.load)
	require.NoError(t, err)
}
