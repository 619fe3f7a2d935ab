package consume

import (
	"context"
	"sync"

	"go.uber.org/zap"
)

// load is what a feed of an ordered route holds of the process's memory: until an event is
// settled, or the feed closed. It is safe for concurrent use.
type load struct {
	route  *Route
	parked bool // all that is parked has to be held, and how much may be parked is bounded

	mu     sync.Mutex
	closed bool
	bytes  int64
}

func newLoad(r *Route, parked bool) *load { return &load{route: r, parked: parked} }

// add takes the room of a job. The feed ends when there is none: nothing of an ordered
// route goes back alone.
func (l *load) add(j job) (weighed job, fits bool) {
	n := int64(headRoom + len(j.message.Body))
	l.route.sizes.see(n)
	l.mu.Lock()
	defer l.mu.Unlock()
	fits = l.route.memory.force(n) || l.parked
	l.bytes += n
	if !fits {
		l.route.wanted.Store(n)
		l.route.options.Log.Info("no room for an event; the ordered route rests until there is some", zap.String("event", j.message.ID))
	}
	j.settler = &weighedSettler{settler: j.settler, give: sync.OnceFunc(func() { l.remove(n) })}
	return j, fits
}

// headRoom is what an event takes besides its body, in bytes, about.
const headRoom = 2 << 10

func (l *load) remove(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.bytes -= n
	l.route.memory.give(n)
}

// drop gives all of it back.
func (l *load) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	l.route.memory.give(l.bytes)
}

// awaitRoom waits while there is no room for an event that was to come, or until ctx ends.
func (r *Route) awaitRoom(ctx context.Context) {
	for ctx.Err() == nil {
		full, changed := r.full()
		if !full {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// weighedSettler gives room back once its job is settled.
type weighedSettler struct {
	settler

	give func()
}

// Ack is the only way in which a job of an ordered route is settled by itself.
func (w *weighedSettler) Ack() error {
	defer w.give()
	return w.settler.Ack()
}
