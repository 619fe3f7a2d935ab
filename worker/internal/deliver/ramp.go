package deliver

import "sync"

// ramp is how many attempts may run side by side: all of them, but after a pause
// one alone, and then twice as many each time that so many have succeeded. A
// destination that has just come back is not met by everything that waited for it.
type ramp struct {
	full int64 // the destination's concurrency

	mu    sync.Mutex
	limit int64 // how many may run now, 1 to full
	won   int64 // how many have succeeded since limit changed
	era   int   // how many pauses there have been
}

func newRamp(full int64) *ramp { return &ramp{full: full, limit: full} }

// share is how many of the full slots one attempt takes, so that no more than limit
// of them fit, and the era that it belongs to.
func (r *ramp) share() (slots int64, era int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return (r.full + r.limit - 1) / r.limit, r.era
}

// restart begins a new era, with one attempt alone.
func (r *ramp) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit, r.won = 1, 0
	r.era++
}

// ended learns from an attempt. What began before the last pause says nothing
// about how things are after it.
func (r *ramp) ended(era int, well bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case era != r.era:
	case !well:
		r.won = 0
	case r.won+1 < r.limit:
		r.won++
	default:
		r.limit, r.won = min(2*r.limit, r.full), 0
	}
}

// now is how many attempts may run side by side now.
func (r *ramp) now() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limit
}
