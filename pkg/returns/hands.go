package returns

import (
	"context"
	"fmt"
	"sync"
)

// hands are the messages that the movers of a process publish now. The zero value is ready.
// It is safe for concurrent use.
type hands struct {
	mu     sync.Mutex
	moving map[way]*move
}

// way is a message on its way to a queue. There may be several copies of it.
type way struct{ queue, id string }

// move is the copies of one message that are on their way.
type move struct {
	copies int
	ended  chan struct{} // closed when none is
}

// take notes that a message is on its way, until the function that it returns is called.
func (h *hands) take(m way) (drop func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moving == nil {
		h.moving = map[way]*move{}
	}
	of := h.moving[m]
	if of == nil {
		of = &move{ended: make(chan struct{})}
		h.moving[m] = of
	}
	of.copies++
	return func() { h.drop(m, of) }
}

func (h *hands) drop(m way, of *move) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if of.copies--; of.copies == 0 {
		delete(h.moving, m)
		close(of.ended)
	}
}

// await waits until no copy of the message is on its way, or ctx is done.
func (h *hands) await(ctx context.Context, m way) error {
	h.mu.Lock()
	of := h.moving[m]
	h.mu.Unlock()
	if of == nil {
		return nil
	}
	select {
	case <-of.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Settle waits until the message with that id which this mover brought to the queue will not
// come a second time, whatever ends the process after that: the broker knows that it has been
// moved. Its error says that this is not known. It is safe for concurrent use.
func (m *Mover) Settle(ctx context.Context, queue, id string) error {
	if err := m.hands.await(ctx, way{queue, id}); err != nil {
		return fmt.Errorf("message %s is still being moved to %s: %w", id, queue, err)
	}
	return m.options.Consumer.Settle(ctx)
}
