package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"
)

// Consumer is a supervised connection for any number of subscriptions, and further ones when
// they are too many for the channels of one. Its methods are safe for concurrent use.
type Consumer struct {
	cfg     Config
	log     *zap.Logger
	ending  chan struct{}      // closed by Close: subscribers drain
	ctx     context.Context    //nolint:containedctx // of the connections, which come and go with the subscriptions
	stop    context.CancelFunc // ends the connections
	running sync.WaitGroup     // the supervisors
	losses  losses

	mu          sync.Mutex
	links       []*link
	gone        error            // a queue was not there at some time; nil after Forget
	subscribers map[runner]*link // those that run
	idle        chan struct{}    // closed when none runs any more, after Close
}

// runner is a Subscriber that runs, or a Follower.
type runner interface{ Ready() error }

// NewConsumer starts connecting and returns at once; no broker needs to be there.
// Close ends it. An invalid cfg shows in Ready; see Config.Validate.
func NewConsumer(cfg Config, log *zap.Logger) *Consumer {
	c := &Consumer{
		cfg:         cfg.withDefaults(),
		log:         log.With(zap.String("use", "consume")),
		ending:      make(chan struct{}),
		subscribers: map[runner]*link{},
		idle:        make(chan struct{}),
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.connect()
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

// Ready returns nil when every connection is up and every subscription that runs is
// consuming or paused, or begins to, and otherwise an error that says why not.
func (c *Consumer) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var problems []error
	for _, l := range c.links {
		if _, _, err := l.state(); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	for s := range c.subscribers {
		if err := s.Ready(); err != nil && !errors.Is(err, errConnecting) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// Gone returns nil unless a queue was not there when it was to be consumed, at some time
// since Forget, and then which. It may be there again by now, made by somebody who had no
// time to bind it. Of one that was away for less than a moment the broker tells nothing: see
// Subscription.Reopen.
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

// miss keeps err for Gone if it says that a queue is not there, and reports that. The broker
// cancels who consumes a queue that is deleted.
func (c *Consumer) miss(queue string, err error) bool {
	if !errors.Is(err, ErrNoQueue) && !errors.Is(err, errCancelled) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = fmt.Errorf("%s was gone: %w", queue, err)
	return true
}

// Close makes every subscription drain, waits for that until ctx ends, and closes the
// connections. Its error says that handlers were left running. It is idempotent.
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

// closed reports whether Close was called.
func (c *Consumer) closed() bool {
	select {
	case <-c.ending:
		return true
	default:
		return false
	}
}

// enter notes a subscriber that runs, and returns its connection. It fails after Close.
func (c *Consumer) enter(s runner) (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed() {
		return nil, errors.New("amqpx: the consumer is closed")
	}
	l := c.roomy()
	l.runners++
	c.subscribers[s] = l
	return l, nil
}

// leave forgets a subscriber, which may be nil.
func (c *Consumer) leave(s runner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.subscribers[s]; l != nil {
		l.runners--
	}
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
