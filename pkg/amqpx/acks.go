package amqpx

import (
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ackDelay is how long an acknowledgement may wait for others.
const ackDelay = 2 * time.Millisecond

// acks sends the acknowledgements of one channel, several at a time: one frame says that
// everything up to a delivery is acknowledged, which costs the broker as much as one of
// them. Its methods are safe for concurrent use.
type acks struct {
	channel *amqp.Channel
	most    int // how many may wait

	mu      sync.Mutex
	settled map[uint64]bool // the tags from next on that are settled; true: by an acknowledgement that waits
	next    uint64          // the lowest tag that is not settled
	waiting int
	timer   *time.Timer // of the next flush; nil: none
}

// newAcks makes the acknowledgements of a channel with so many deliveries at a time. A
// quarter of them may wait, so that the broker always has leave to deliver.
func newAcks(ch *amqp.Channel, prefetch int) *acks {
	return &acks{channel: ch, most: min(prefetch/4, 64), settled: map[uint64]bool{}, next: 1}
}

// ack acknowledges a delivery, soon.
func (a *acks) ack(tag uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.channel.IsClosed() {
		return amqp.ErrClosed
	}
	a.settled[tag] = true
	a.waiting++
	if a.waiting >= a.most {
		return a.flush()
	}
	if a.timer == nil {
		a.timer = time.AfterFunc(ackDelay, a.flushLater)
	}
	return nil
}

// other notes a delivery that was settled in another way.
func (a *acks) other(tag uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled[tag] = false
}

func (a *acks) flushLater() {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.flush() // when the channel is lost, all of it comes again
}

// close sends what waits.
func (a *acks) close() { a.flushLater() }

// flush sends what waits: everything up to the lowest tag that is not settled at once, and
// what lies behind that one by one.
func (a *acks) flush() error {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	if a.waiting == 0 {
		return nil
	}
	last := uint64(0)
	for waits, ok := a.settled[a.next]; ok; waits, ok = a.settled[a.next] {
		delete(a.settled, a.next)
		if waits {
			last = a.next
			a.waiting--
		}
		a.next++
	}
	if last > 0 {
		if err := a.channel.Ack(last, true); err != nil {
			return err
		}
	}
	return a.flushRest()
}

func (a *acks) flushRest() error {
	if a.waiting == 0 {
		return nil
	}
	for tag, waits := range a.settled {
		if !waits {
			continue
		}
		if err := a.channel.Ack(tag, false); err != nil {
			return err
		}
		a.settled[tag] = false
		a.waiting--
	}
	return nil
}
