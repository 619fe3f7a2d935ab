package fanout

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// How long after it was shut, or after a probe that failed, a queue is probed again.
const (
	firstProbe   = time.Second
	longestProbe = 5 * time.Second
)

// errUntried is why a queue is not open that this process has not published to.
var errUntried = errors.New("it was not tried yet")

// health is whether a queue takes events, as far as this process knows. It begins untried:
// the first copy is a probe, as a queue that does not answer would hold up the connection
// on which a first publish goes there. It is safe for concurrent use.
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
	h.now.Store(&phase{cause: errUntried, over: make(chan struct{})})
	return h
}

// untried reports whether nothing is known of the queue.
func (p *phase) untried() bool { return p.cause == errUntried } //nolint:errorlint // it is never wrapped

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

// end notes how the probe of a phase went, and returns the phase that ends with it; nil when
// it is no news. A probe that fails says nothing of a later phase; one that gets through,
// however late, opens the queue.
func (h *health) end(of *phase, err error) *phase {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now.Load()
	switch {
	case err == nil && now.cause != nil:
		h.follow(&phase{})
	case now != of || err == nil:
		return nil
	case of.untried() && errors.Is(err, amqpx.ErrUnavailable): // there is no broker: that says nothing of the queue
		h.follow(&phase{cause: errUntried})
	case of.untried():
		h.follow(&phase{cause: err, since: time.Now(), probe: time.Now().Add(firstProbe)})
	default:
		wait := min(firstProbe<<min(of.tries+1, 5), longestProbe)
		h.follow(&phase{cause: err, since: of.since, tries: of.tries + 1, probe: time.Now().Add(wait)})
	}
	return now
}

// open ends a phase, if it is the present one, in favour of an open one.
func (h *health) open(of *phase) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Load() == of {
		h.follow(&phase{})
	}
}

func (h *health) follow(p *phase) {
	p.over = make(chan struct{})
	close(h.now.Swap(p).over)
}
