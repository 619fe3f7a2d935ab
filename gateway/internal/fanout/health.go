package fanout

import (
	"sync"
	"sync/atomic"
	"time"
)

// How long after it was shut, or after a probe that failed, a queue is probed again.
const (
	firstProbe   = time.Second
	longestProbe = 5 * time.Second
)

// health is whether a queue takes events, as far as this process knows. It is open until
// something is known. It is safe for concurrent use.
type health struct {
	queue string
	now   atomic.Pointer[phase]

	mu sync.Mutex // of changes
}

// phase is a time in which a queue is open, or shut. It never changes, but for the probe.
type phase struct {
	cause   error         // why it is shut; nil: it is open
	since   time.Time     // when it was shut
	tries   int           // probes that failed
	probe   time.Time     // from when on it may be probed
	probing atomic.Bool   // a probe was begun in this phase
	over    chan struct{} // closed when another phase follows
}

func newHealth(queue string) *health {
	h := &health{queue: queue}
	h.now.Store(&phase{over: make(chan struct{})})
	return h
}

// shut notes that the queue does not take events. It reports whether that is news.
func (h *health) shut(cause error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Load().cause != nil {
		return false
	}
	now := time.Now()
	h.follow(&phase{cause: cause, since: now, probe: now.Add(firstProbe)})
	return true
}

// begin reports whether the caller has to probe the queue now.
func (p *phase) begin() bool {
	return p.cause != nil && !time.Now().Before(p.probe) && p.probing.CompareAndSwap(false, true)
}

// end notes how the probe of a phase went.
func (h *health) end(of *phase, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.now.Load() != of:
	case err == nil:
		h.follow(&phase{})
	default:
		wait := min(firstProbe<<min(of.tries+1, 5), longestProbe)
		h.follow(&phase{cause: err, since: of.since, tries: of.tries + 1, probe: time.Now().Add(wait)})
	}
}

func (h *health) follow(p *phase) {
	p.over = make(chan struct{})
	close(h.now.Swap(p).over)
}
