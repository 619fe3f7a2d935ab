package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"
)

// Consumer is one supervised connection for any number of subscriptions. Its methods
// are safe for concurrent use.
type Consumer struct {
	log     *zap.Logger
	ending  chan struct{}      // closed by Close: subscribers drain
	stop    context.CancelFunc // ends the connection
	running sync.WaitGroup     // the supervisor

	mu          sync.Mutex
	session     *session // nil while there is no connection
	err         error    // why not
	gone        error    // a queue was not there at some time; nil after Forget
	made        int64    // connections
	changed     chan struct{}
	subscribers map[runner]struct{} // those that run
	idle        chan struct{}       // closed when none runs any more, after Close
}

// runner is a Subscriber that runs, or a Follower.
type runner interface{ Ready() error }

// NewConsumer starts connecting and returns at once; no broker needs to be there.
// Close ends it. An invalid cfg shows in Ready; see Config.Validate.
func NewConsumer(cfg Config, log *zap.Logger) *Consumer {
	c := &Consumer{
		log:         log.With(zap.String("use", "consume")),
		err:         errConnecting,
		ending:      make(chan struct{}),
		changed:     make(chan struct{}),
		subscribers: map[runner]struct{}{},
		idle:        make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.running.Go(func() {
		supervise(ctx, cfg.withDefaults(), c.log, func(err error) { c.set(nil, err) }, c.run)
	})
	return c
}

// Subscribe prepares a subscription; Subscriber.Run starts it.
func (c *Consumer) Subscribe(s Subscription) *Subscriber {
	s = s.withDefaults()
	return &Subscriber{
		Subscription: s,
		consumer:     c,
		log:          c.log.With(zap.String("queue", s.Queue)),
		slots:        make(chan struct{}, s.handlers()),
		offset:       -1,
		err:          errConnecting,
	}
}

// Ready returns nil when the connection is up and every subscription that runs is
// consuming or paused, and otherwise an error that says why not.
func (c *Consumer) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, c.err)
	}
	var problems []error
	for s := range c.subscribers {
		if err := s.Ready(); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// Gone returns nil unless a queue was not there when it was to be consumed, at some time
// since Forget, and then which. It may be there again by now, made by somebody who had no
// time to bind it. Of one that was away for less than a moment the broker tells nothing: it
// goes on with the new queue.
func (c *Consumer) Gone() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

// Forget makes Gone begin anew.
func (c *Consumer) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = nil
}

// miss keeps err for Gone if it says that a queue is not there. The broker cancels who
// consumes a queue that is deleted.
func (c *Consumer) miss(queue string, err error) {
	if !errors.Is(err, ErrNoQueue) && !errors.Is(err, errCancelled) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = fmt.Errorf("%s was gone: %w", queue, err)
}

// Close makes every subscription drain, waits for that until ctx ends, and closes the
// connection. Its error says that handlers were left running. It is idempotent.
func (c *Consumer) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed() {
		close(c.ending)
	}
	c.mu.Unlock()
	c.leave(nil)
	var err error
	select {
	case <-c.idle:
	case <-ctx.Done():
		err = fmt.Errorf("amqpx: close consumer: subscriptions still draining: %w", ctx.Err())
	}
	c.stop()
	c.running.Wait() // at most closeTimeout
	return err
}

// run offers the session to the subscribers until it ends.
func (c *Consumer) run(ctx context.Context, s *session) error {
	c.set(s, nil)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.closed:
			return fmt.Errorf("connection lost: %w", reason(err))
		case _, ok := <-s.blocked: // only publishers are ever blocked
			if !ok {
				s.blocked = nil
			}
		}
	}
}

func (c *Consumer) set(s *session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.err = s, err
	if s != nil {
		c.made++
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// await returns the session as soon as there is one.
func (c *Consumer) await(ctx context.Context) (*session, error) {
	for {
		c.mu.Lock()
		s, changed := c.session, c.changed
		c.mu.Unlock()
		if s != nil {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// closed reports whether Close was called.
func (c *Consumer) closed() bool {
	select {
	case <-c.ending:
		return true
	default:
		return false
	}
}

// enter notes a subscriber that runs. It fails after Close.
func (c *Consumer) enter(s runner) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed() {
		return errors.New("amqpx: the consumer is closed")
	}
	c.subscribers[s] = struct{}{}
	return nil
}

// leave forgets a subscriber, which may be nil.
func (c *Consumer) leave(s runner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.subscribers, s)
	if len(c.subscribers) > 0 || !c.closed() {
		return
	}
	select {
	case <-c.idle:
	default:
		close(c.idle)
	}
}
