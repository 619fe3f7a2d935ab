package consume

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/penstock/penstock/pkg/event"
)

// errUnacknowledged means that all is done for an event, and the broker does not know it.
var errUnacknowledged = errors.New("settled, but not acknowledged")

// acknowledge acknowledges a job of which everything else is done.
func acknowledge(j job) error {
	if err := j.Ack(); err != nil {
		return fmt.Errorf("%w: %w", errUnacknowledged, err)
	}
	return nil
}

// copies lets a process handle one copy of an event at a time, and remembers those whose
// acknowledgement was lost. The broker delivers an event again when its channel is lost, and
// when an attempt takes longer than the broker waits for the acknowledgement
// (consumer_timeout); the attempt goes on nevertheless. Another process does not know of it.
// It is safe for concurrent use.
type copies struct {
	mu      sync.Mutex
	running map[copied]chan struct{} // closed when the copy that is under way is settled
	settled map[copied]int64         // up to which attempt an event is settled, and not acknowledged
}

func newCopies() *copies {
	return &copies{running: map[copied]chan struct{}{}, settled: map[copied]int64{}}
}

// begin waits until no other copy of a message is under way, and reports whether the attempt
// that the message is at was settled meanwhile: then it only has to be acknowledged. It fails
// when ctx ends. Otherwise leave has to be called when this copy is settled.
func (c *copies) begin(ctx context.Context, m *event.Message) (settled bool, leave func(), err error) {
	if m.ID == "" { // copies are recognised by the event's id
		return false, func() {}, nil
	}
	of, mine := copiedOf(m), make(chan struct{})
	for {
		other := c.enter(of, mine)
		if other == nil {
			return c.isSettled(m), func() { c.leave(of, mine) }, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return false, nil, ctx.Err()
		}
	}
}

// enter notes a copy that is under way, unless another one is, which it returns.
func (c *copies) enter(of copied, mine chan struct{}) (other chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.running[of]; other != nil {
		return other
	}
	c.running[of] = mine
	return nil
}

func (c *copies) leave(of copied, mine chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, of)
	close(mine)
}

func (c *copies) isSettled(m *event.Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settled[copiedOf(m)] >= int64(attemptOf(m))
}

// note remembers a message that was settled, and whose acknowledgement was lost. It is not
// forgotten when its copy is acknowledged: that may be lost, too, and only the broker knows. A
// copy that was put off is at the same attempt: it has to be handled.
func (c *copies) note(m *event.Message, v verdict, err error) {
	if !errors.Is(err, errUnacknowledged) || m.ID == "" || !v.outcome.ends() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	makeRoom(c.settled)
	c.settled[copiedOf(m)] = int64(attemptOf(m))
}
