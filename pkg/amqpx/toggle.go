package amqpx

import (
	"context"
	"sync"
)

// toggle is a switch that can be waited for. The zero value is off.
type toggle struct {
	mu      sync.Mutex
	on      bool
	changed chan struct{}
}

func (t *toggle) set(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.on == on {
		return
	}
	t.on = on
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// state returns the position, and a channel that is closed when it changes.
func (t *toggle) state() (on bool, changed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return t.on, t.changed
}

func (t *toggle) isOn() bool {
	on, _ := t.state()
	return on
}

// off waits until it is off. It returns false when ctx has ended.
func (t *toggle) off(ctx context.Context) bool {
	for ctx.Err() == nil {
		on, changed := t.state()
		if !on {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return false
}

// resizable is a number that can be waited for. The zero value is none.
type resizable struct {
	mu      sync.Mutex
	size    int
	changed chan struct{}
}

func (r *resizable) set(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size == size {
		return
	}
	r.size = size
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// state returns the number, or another one when there is none, and a channel that is
// closed when it changes.
func (r *resizable) state(none int) (size int, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	if r.size == 0 {
		return none, r.changed
	}
	return r.size, r.changed
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
