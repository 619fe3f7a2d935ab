package consume

import (
	"context"
	"math"
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
	held    bool
	changed chan struct{} // closed when either moves; nil while nobody watches
}

// Close closes the gate until then, unless it is closed for longer already.
func (g *Gate) Close(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !until.After(g.until) {
		return
	}
	g.until = until
	g.tell()
}

// Hold keeps the gate closed until Hold is told otherwise, whatever Close says.
func (g *Gate) Hold(held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held != held {
		g.held = held
		g.tell()
	}
}

// Wake ends what Close has asked for. A gate that is held stays closed.
func (g *Gate) Wake() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = time.Time{}
	g.tell()
}

// Held reports whether the gate is held closed.
func (g *Gate) Held() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held
}

// Resting returns until when Close has closed the gate. It may be in the past.
func (g *Gate) Resting() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until
}

func (g *Gate) tell() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// Closed returns how long the gate stays closed: zero or less when it is open, and the
// longest time there is while it is held.
func (g *Gate) Closed() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held {
		return math.MaxInt64
	}
	return time.Until(g.until)
}

// watch returns a channel that is closed when Close or Hold next has an effect.
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
