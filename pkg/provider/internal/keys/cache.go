package keys

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// Lifetime is how long what was fetched is used before it is fetched again.
	Lifetime = time.Hour
	// Usable is how long it is used while it cannot be fetched again.
	Usable = 24 * time.Hour
	// Grudge is how long a failure is remembered, and the shortest time between
	// two fetches of the same name.
	Grudge = 30 * time.Second
)

// Cache remembers values by name, and failures for a short while. The zero value
// is empty and ready. It is safe for concurrent use.
//
// The names may come out of requests that are forged. So a value that has proven
// to be in use, see Keep, never makes room for one that has not, and needs nothing
// of what unknown names share: they are loaded about one a second, those first that
// most requests ask for.
type Cache[V any] struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	mu      sync.Mutex
	shelf   shelf[V]
	queue   queue
	flights singleflight.Group
}

// Get returns the value of a name. A value older than Lifetime is still returned,
// and loaded again in the background. Without a value it waits for the load, and
// for its turn if ctx has a deadline.
//
// Callers share a load. It is not cancelled with the caller's context, so that
// one impatient caller does not fail the others; load must bound itself.
func (c *Cache[V]) Get(ctx context.Context, name string, load func(context.Context) (V, error)) (V, error) {
	e := c.lookup(name)
	now := c.now()
	switch {
	case e.good() && now.Sub(e.fetched) < Usable:
		if now.Sub(e.fetched) >= Lifetime && now.Sub(e.tried) >= Grudge {
			c.start(ctx, name, load)
		}
		return e.value, nil
	case e.loaded && now.Sub(e.tried) < Grudge:
		return e.value, e.err
	}
	e = c.load(ctx, name, load)
	if e.good() {
		return e.value, nil
	}
	return e.value, e.err
}

// Refresh loads the value of a name again, unless that was done within Grudge. The
// error is that of the last load, even if there is an older value.
func (c *Cache[V]) Refresh(ctx context.Context, name string, load func(context.Context) (V, error)) (V, error) {
	e := c.lookup(name)
	if !e.loaded || c.now().Sub(e.tried) >= Grudge {
		e = c.load(ctx, name, load)
	}
	return e.value, e.err
}

// Keep says that something was verified with the value of a name.
func (c *Cache[V]) Keep(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shelf.keep(name)
}

// load waits for a load that the caller needs.
func (c *Cache[V]) load(ctx context.Context, name string, load func(context.Context) (V, error)) entry[V] {
	if ctx.Err() != nil {
		return entry[V]{err: ErrUnavailable}
	}
	done := c.queue.ask(name)
	defer done()
	select {
	case result := <-c.start(ctx, name, load):
		e, _ := result.Val.(entry[V])
		return e
	case <-ctx.Done():
		return entry[V]{err: ErrUnavailable}
	}
}

// start begins a load, or joins the one that runs. An unknown name waits for its
// turn as long as the first caller has time.
func (c *Cache[V]) start(ctx context.Context, name string, load func(context.Context) (V, error)) <-chan singleflight.Result {
	return c.flights.DoChan(name, func() (any, error) {
		if !c.lookup(name).good() && !c.queue.wait(ctx, name, c.now) {
			return entry[V]{err: ErrUnavailable}, nil
		}
		value, err := load(context.WithoutCancel(ctx))
		return c.store(name, value, err), nil
	})
}

func (c *Cache[V]) lookup(name string) entry[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shelf.get(name)
}

// store keeps what was loaded. A failed load does not replace a good value, unless
// the provider says that there is no such key any more.
func (c *Cache[V]) store(name string, value V, err error) entry[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	e := entry[V]{value: value, err: err, loaded: true, fetched: now, tried: now}
	if err != nil {
		e.fetched = time.Time{}
		if old := c.shelf.get(name); old.good() && now.Sub(old.fetched) < Usable && !errors.Is(err, ErrUnknown) {
			e.value, e.fetched = old.value, old.fetched
		}
	}
	c.shelf.put(name, e)
	return e
}

func (c *Cache[V]) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
