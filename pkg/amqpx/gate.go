package amqpx

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// gate says at once whether publishing can work, and wakes who waits when it stops.
//
// An alarm stops publishing on the whole cluster, but the broker tells a connection
// only after its first publish. So one blocked connection shuts the gate for all.
type gate struct {
	mu     sync.Mutex
	lines  []lineState
	closed bool
	now    atomic.Pointer[gateState]
}

// lineState is what a connection is: up when err is nil.
type lineState struct {
	blocked bool
	err     error
}

// gateState never changes once it is published.
type gateState struct {
	err  error         // nil: open
	over chan struct{} // closed when another state follows
}

var (
	errConnecting = errors.New("connecting")
	errClosed     = errors.New("the publisher is closed")
)

func newGate(lines int) *gate {
	g := &gate{lines: make([]lineState, lines)}
	for i := range g.lines {
		g.lines[i].err = errConnecting
	}
	g.now.Store(&gateState{err: g.verdict(), over: make(chan struct{})})
	return g
}

func (g *gate) state() *gateState { return g.now.Load() }

// set records the state of one connection.
func (g *gate) set(line int, s lineState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines[line] = s
	g.publish()
}

// spares reports whether a line could be done without: another one is up, or it is the
// only one that there is.
func (g *gate) spares(line int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, l := range g.lines {
		if i != line && l.err == nil {
			return true
		}
	}
	return len(g.lines) == 1
}

// close shuts the gate for good.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.publish()
}

func (g *gate) publish() {
	before, err := g.now.Load(), g.verdict()
	if before.err == nil && err == nil {
		return // still open: nobody needs to wake
	}
	g.now.Store(&gateState{err: err, over: make(chan struct{})})
	close(before.over)
}

// verdict is nil when at least one connection is up and none is blocked.
func (g *gate) verdict() error {
	if g.closed {
		return fmt.Errorf("%w: %w", ErrUnavailable, errClosed)
	}
	var down error
	up := false
	for _, l := range g.lines {
		switch {
		case l.blocked:
			return fmt.Errorf("%w: %w", ErrUnavailable, l.err)
		case l.err == nil:
			up = true
		default:
			down = l.err
		}
	}
	if up {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, down)
}
