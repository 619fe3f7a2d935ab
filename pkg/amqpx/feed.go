package amqpx

import (
	"context"
	"fmt"
	"sync"
)

// Follower consumes a queue for somebody to whom the order of its messages matters
// across failures, and who therefore has to know of each loss. It opens one [Feed] after
// another. Its methods are safe for concurrent use.
type Follower struct {
	consumer *Consumer
	link     *link
	queue    string
	exchange string // that the queue is made for; empty: it is there

	mu  sync.Mutex
	err error // why there is no feed
}

// Follow makes a follower of a queue. Leave ends it. After Close of the consumer it
// opens nothing any more.
func (c *Consumer) Follow(queue string) (*Follower, error) { return c.follow(queue, "") }

// Hear makes a follower of all that is published to an exchange. Each feed of it has a queue of
// that name, which is made when the feed is opened, which no other connection may use, and which
// goes with the connection, whatever ends that. It keeps the newest 1,000 messages at most.
func (c *Consumer) Hear(exchange, queue string) (*Follower, error) { return c.follow(queue, exchange) }

func (c *Consumer) follow(queue, exchange string) (*Follower, error) {
	f := &Follower{consumer: c, queue: queue, exchange: exchange}
	l, err := c.enter(f)
	if err != nil {
		return nil, err
	}
	f.link = l
	return f, nil
}

// Leave ends the follower. Its feed has to be closed before.
func (f *Follower) Leave() { f.consumer.leave(f) }

// Ready returns nil unless the last Open failed, and otherwise why. Of one that hears an
// exchange it is always nil: nothing that has to be settled comes over that.
func (f *Follower) Ready() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || f.exchange != "" {
		return nil
	}
	return fmt.Errorf("not consuming %s: %w", f.queue, f.err)
}

// Open starts to consume over a channel of its own, as soon as there is a connection, with
// at most so many deliveries unsettled. It fails when ctx ends, or when the broker
// refuses, with ErrNoQueue if there is no such queue.
func (f *Follower) Open(ctx context.Context, prefetch int) (*Feed, error) {
	feed, err := f.open(ctx, prefetch)
	f.consumer.miss(f.queue, err)
	if ctx.Err() == nil {
		f.mu.Lock()
		f.err = err
		f.mu.Unlock()
	}
	return feed, err
}

func (f *Follower) open(ctx context.Context, prefetch int) (*Feed, error) {
	session, err := f.link.await(ctx)
	if err != nil {
		return nil, err
	}
	e, err := f.subscribe(session, prefetch)
	if err != nil {
		return nil, err
	}
	feed := &Feed{epoch: e, deliveries: make(chan *Delivery), closing: make(chan struct{})}
	feed.running.Go(feed.run)
	return feed, nil
}

func (f *Follower) subscribe(s *session, prefetch int) (*epoch, error) {
	if f.exchange != "" {
		return s.hear(f.exchange, f.queue, prefetch)
	}
	return s.subscribe(f.queue, prefetch, nil)
}

// Feed is what one channel delivers from a queue, in the order of the queue. It never
// comes back from a loss.
type Feed struct {
	epoch      *epoch
	deliveries chan *Delivery
	closing    chan struct{}
	running    sync.WaitGroup
	once       sync.Once
}

// Deliveries gives what is delivered. It is closed when the channel is lost, and by Close.
func (f *Feed) Deliveries() <-chan *Delivery { return f.deliveries }

// Stop ends the deliveries. What was delivered can still be settled, until Close: of
// several feeds of one queue that close one after the other, none then gets what another
// one has put back. It takes a few seconds at most.
func (f *Feed) Stop() error {
	return f.epoch.leave()
}

// Close ends the feed. What is not settled goes back to the queue, all at once and in
// its old order, ahead of what any other consumer gets: this is why the consumer is not
// cancelled before. What was acknowledged within the last moments may come again: the
// broker does not wait for itself. It takes a few seconds at most, and is idempotent.
func (f *Feed) Close() {
	f.once.Do(func() {
		close(f.closing)
		f.epoch.close()
		for range f.epoch.deliveries { // the library waits until somebody takes them
		}
		f.running.Wait()
	})
}

func (f *Feed) run() {
	defer close(f.deliveries)
	for {
		select {
		case <-f.closing:
			return
		case d, ok := <-f.epoch.deliveries:
			if !ok {
				return
			}
			select {
			case <-f.closing:
				return
			case f.deliveries <- newDelivery(&d, f.epoch):
			}
		}
	}
}
