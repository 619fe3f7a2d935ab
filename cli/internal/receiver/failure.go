package receiver

import (
	"net/http"
	"sync"
	"time"
)

// Failure says when to fail. With neither Status nor First it never does. With
// both For and First it fails while both apply.
type Failure struct {
	Status     int           // what to answer; zero with First: 500
	For        time.Duration // only this long from the start; zero: for ever
	First      int           // only the first so many requests of each event; zero: all
	RetryAfter time.Duration // sent as Retry-After with every failure, rounded up to seconds; zero: not sent
}

// failing applies a Failure.
type failing struct {
	Failure
	until time.Time // zero: for ever

	mu   sync.Mutex
	seen map[string]int // how often each event came, with First only
}

func newFailing(f Failure, start time.Time) *failing {
	if f.Status == 0 && f.First > 0 {
		f.Status = http.StatusInternalServerError
	}
	state := &failing{Failure: f, seen: map[string]int{}}
	if f.For > 0 {
		state.until = start.Add(f.For)
	}
	return state
}

// status returns what to answer to a request for the event. Requests that name
// no event count as one.
func (f *failing) status(event string, now time.Time) int {
	if f.Status == 0 || !f.until.IsZero() && !now.Before(f.until) || !f.early(event) {
		return http.StatusOK
	}
	return f.Status
}

// early reports whether this is one of the event's first requests.
func (f *failing) early(event string) bool {
	if f.First == 0 {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen[event]++
	return f.seen[event] <= f.First
}
