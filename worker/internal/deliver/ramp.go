package deliver

import "sync"

// ramp is how many attempts may run side by side: all of them, but after a pause
// one alone, and then twice as many each time that so many have succeeded. A
// destination that has just come back is not met by everything that waited for it.
type ramp struct {
	slots *slots // are as many as may run

	mu    sync.Mutex
	full  int // what the destination may get from this process: zero for now, or more
	limit int // how many may run as far as the ramp is concerned, at least 1
	won   int // how many have succeeded since limit changed
	era   int // how many pauses there have been
}

func newRamp(full int) *ramp { return &ramp{slots: newSlots(full), full: full, limit: full} }

// begun returns the era of an attempt that begins now.
func (r *ramp) begun() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.era
}

// widen sets how many may run when the ramp has ended. One that has not goes on.
func (r *ramp) widen(full int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.limit >= r.full {
		r.limit = max(full, 1)
	}
	r.full = full
	r.resize()
}

// restart begins a new era, with one attempt alone.
func (r *ramp) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit, r.won = 1, 0
	r.era++
	r.resize()
}

// ended learns from an attempt. What began before the last pause says nothing
// about how things are after it.
func (r *ramp) ended(era int, well bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case era != r.era || r.limit >= r.full:
	case !well:
		r.won = 0
	case r.won+1 < r.limit:
		r.won++
	default:
		r.limit, r.won = min(2*r.limit, r.full), 0
		r.resize()
	}
}

// resize lets as many run as may. The lock is held.
func (r *ramp) resize() { r.slots.resize(min(r.limit, r.full)) }

// now is how many attempts may run side by side now.
func (r *ramp) now() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return min(r.limit, r.full)
}
