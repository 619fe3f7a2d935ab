package keys_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
)

// provider knows one name, and counts what it is asked.
type provider struct{ known, unknown atomic.Int64 }

func (p *provider) load(name string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if name != "authentic" {
			p.unknown.Add(1)
			return "", keys.ErrUnknown
		}
		p.known.Add(1)
		return "key", nil
	}
}

// forge asks for n names that do not exist.
func forge(t *testing.T, cache *keys.Cache[string], p *provider, prefix string, n int) {
	t.Helper()
	for i := range n {
		name := prefix + strconv.Itoa(i)
		_, err := cache.Get(t.Context(), name, p.load(name))
		require.Error(t, err)
	}
}

func TestAKeyThatVerifiedSomethingOutlivesAnyNumberOfForgedOnes(t *testing.T) {
	t.Parallel()
	now, p := newClock(), &provider{}
	cache := &keys.Cache[string]{Now: now.Now}
	authentic := func() {
		value, err := cache.Get(t.Context(), "authentic", p.load("authentic"))
		require.NoError(t, err)
		require.Equal(t, "key", value)
		cache.Keep("authentic")
	}
	authentic()
	for hour := range 5 {
		for minute := range 60 {
			forge(t, cache, p, strconv.Itoa(hour)+"."+strconv.Itoa(minute)+".", 60)
			now.advance(time.Minute)
		}
		authentic()
	}
	require.Eventually(t, func() bool { return p.known.Load() > 1 }, time.Second, time.Millisecond, "it is loaded again in the background")
	require.Greater(t, p.unknown.Load(), int64(1000), "the forged names were not loaded at all")
}

func TestAnOldValueIsUsedWhileItIsLoadedAgain(t *testing.T) {
	t.Parallel()
	now, source := newClock(), &counted{}
	cache := &keys.Cache[int64]{Now: now.Now}
	get := func() int64 {
		value, err := cache.Get(t.Context(), "a", source.load)
		require.NoError(t, err)
		return value
	}
	require.EqualValues(t, 1, get())
	now.advance(keys.Lifetime)
	require.EqualValues(t, 1, get(), "a caller waited for the load")
	require.Eventually(t, func() bool { return get() == 2 }, time.Second, time.Millisecond)

	source.failing.Store(true)
	now.advance(keys.Usable - time.Second)
	require.EqualValues(t, 2, get())
	now.advance(time.Second)
	_, err := cache.Get(t.Context(), "a", source.load)
	require.Error(t, err, "a value that nobody confirmed for a day is used")
}

func TestAKeyThatTheProviderNoLongerHasIsForgotten(t *testing.T) {
	t.Parallel()
	now := newClock()
	cache := &keys.Cache[string]{Now: now.Now}
	var gone atomic.Bool
	load := func(context.Context) (string, error) {
		if gone.Load() {
			return "", keys.ErrUnknown
		}
		return "key", nil
	}
	_, err := cache.Get(t.Context(), "a", load)
	require.NoError(t, err)
	cache.Keep("a")
	gone.Store(true)
	now.advance(keys.Lifetime)
	require.Eventually(t, func() bool {
		_, err := cache.Get(t.Context(), "a", load)
		return err != nil
	}, time.Second, time.Millisecond)
	_, err = cache.Get(t.Context(), "a", load)
	require.ErrorIs(t, err, keys.ErrUnknown)
}

func TestManyCallersOfANewNameTakeOneTurn(t *testing.T) {
	t.Parallel()
	p, cache := &provider{}, &keys.Cache[string]{Now: newClock().Now}
	forge(t, cache, p, "forged", 19) // one turn is left
	var callers sync.WaitGroup
	for range 30 {
		callers.Go(func() {
			if _, err := cache.Get(t.Context(), "authentic", p.load("authentic")); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	require.EqualValues(t, 1, p.known.Load())
}

// Nothing is known when a process starts, and forged names come first.
func TestANameThatManyAskForComesBeforeForgedOnes(t *testing.T) {
	t.Parallel()
	p, cache := &provider{}, &keys.Cache[string]{}
	forge(t, cache, p, "first", 100)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	var all, authentic sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			name := "forged" + strconv.Itoa(i)
			_, _ = cache.Get(ctx, name, p.load(name))
		})
	}
	for range 3 {
		authentic.Go(func() {
			if _, err := cache.Get(ctx, "authentic", p.load("authentic")); err != nil {
				t.Error(err)
			}
		})
	}
	authentic.Wait()
	cancel()
	all.Wait()
}

func TestNothingIsLoadedForWhoIsGone(t *testing.T) {
	t.Parallel()
	p, cache := &provider{}, &keys.Cache[string]{}
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := cache.Get(gone, "authentic", p.load("authentic"))
	require.ErrorIs(t, err, keys.ErrUnavailable)
	require.Zero(t, p.known.Load())
}
