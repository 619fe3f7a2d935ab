package replay

import (
	"context"
	"sync"
	"sync/atomic"
)

// turns let one at a time use a thing of a name, in the order in which they ask.
type turns struct {
	mu  sync.Mutex
	all map[string]*turn
}

// turn is that of one thing.
type turn struct {
	free    chan struct{} // holds one token while nobody uses it
	waiting atomic.Int64
}

func newTurns() *turns { return &turns{all: map[string]*turn{}} }

// of waits for the turn, which leave ends. It fails when ctx ends.
func (t *turns) of(ctx context.Context, name string) (*turn, error) {
	one := t.named(name)
	one.waiting.Add(1)
	defer one.waiting.Add(-1)
	select {
	case <-one.free:
		return one, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *turns) named(name string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.all[name]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		t.all[name] = one
	}
	return one
}

// wanted reports whether somebody waits.
func (t *turn) wanted() bool { return t.waiting.Load() > 0 }

func (t *turn) leave() { t.free <- struct{}{} }
