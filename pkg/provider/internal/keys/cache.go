package keys

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

const (
	// Lifetime is how long what was fetched is used.
	Lifetime = time.Hour
	// Grudge is how long a failure is remembered, and the shortest time between
	// two fetches of the same set for the sake of an unknown key.
	Grudge = 30 * time.Second
	// maxEntries bounds a cache whose names come out of requests.
	maxEntries = 128
	// loadsPerSecond and loadBurst bound what a cache loads: each forged request
	// may name another key.
	loadsPerSecond = 1
	loadBurst      = 20
)

// Cache remembers values by name, and failures for a short while. The zero value
// is empty and ready. It is safe for concurrent use.
type Cache[V any] struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	mu      sync.Mutex
	entries map[string]entry[V]
	limiter *rate.Limiter
	flights singleflight.Group
}

type entry[V any] struct {
	value   V
	err     error
	fetched time.Time
}

func (e entry[V]) fresh(now time.Time) bool {
	lifetime := Lifetime
	if e.err != nil {
		lifetime = Grudge
	}
	return now.Sub(e.fetched) < lifetime
}

// Get returns the value of a name, and loads it when there is no fresh one.
// Callers share a load. It is not cancelled with the caller's context, so that
// one impatient caller does not fail the others; load must bound itself.
func (c *Cache[V]) Get(ctx context.Context, name string, load func(context.Context) (V, error)) (V, error) {
	if e, ok := c.lookup(name); ok && e.fresh(c.now()) {
		return e.value, e.err
	}
	return c.load(ctx, name, load)
}

// Refresh loads the value of a name again, unless that was done within Grudge.
func (c *Cache[V]) Refresh(ctx context.Context, name string, load func(context.Context) (V, error)) (V, error) {
	if e, ok := c.lookup(name); ok && c.now().Sub(e.fetched) < Grudge {
		return e.value, e.err
	}
	return c.load(ctx, name, load)
}

func (c *Cache[V]) load(ctx context.Context, name string, load func(context.Context) (V, error)) (V, error) {
	if !c.mayLoad() {
		var none V
		return none, ErrUnavailable
	}
	flight := c.flights.DoChan(name, func() (any, error) {
		value, err := load(context.WithoutCancel(ctx))
		return c.store(name, entry[V]{value: value, err: err, fetched: c.now()}), nil
	})
	select {
	case result := <-flight:
		e, _ := result.Val.(entry[V])
		return e.value, e.err
	case <-ctx.Done():
		var none V
		return none, ErrUnavailable
	}
}

func (c *Cache[V]) mayLoad() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limiter == nil {
		c.limiter = rate.NewLimiter(loadsPerSecond, loadBurst)
	}
	return c.limiter.AllowN(c.now(), 1)
}

func (c *Cache[V]) lookup(name string) (entry[V], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[name]
	return e, ok
}

// store keeps what was loaded. A failed refresh does not replace a good value:
// the old one is kept for another Grudge.
func (c *Cache[V]) store(name string, e entry[V]) entry[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.entries[name]; ok && e.err != nil && old.err == nil {
		old.fetched = e.fetched.Add(Grudge - Lifetime)
		e = old
	}
	if c.entries == nil || len(c.entries) >= maxEntries {
		c.entries = make(map[string]entry[V]) // names out of requests cannot grow it for ever
	}
	c.entries[name] = e
	return e
}

func (c *Cache[V]) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
