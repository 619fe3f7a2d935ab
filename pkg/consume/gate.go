package consume

import (
	"context"
	"sync"
	"time"
)

// Gate says until when nothing may be consumed. A destination that asks to be left
// alone closes its gate, and every route that leads to it stops consuming: its
// events wait in their queues, where they cost no attempt and hold no memory.
//
// The zero Gate is open. It is safe for concurrent use, and may be shared between
// routes.
type Gate struct {
	mu      sync.Mutex
	until   time.Time
	changed chan struct{} // closed when until moves; nil while nobody watches
}

// Close closes the gate until then, unless it is closed for longer already.
func (g *Gate) Close(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !until.After(g.until) {
		return
	}
	g.until = until
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// Closed returns how long the gate stays closed: zero or less when it is open.
func (g *Gate) Closed() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until)
}

// watch returns a channel that is closed when Close next has an effect.
func (g *Gate) watch() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changed == nil {
		g.changed = make(chan struct{})
	}
	return g.changed
}

// pause waits for d, or less when ctx ends, whose error it then returns.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
