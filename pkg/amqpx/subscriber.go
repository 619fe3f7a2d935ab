package amqpx

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/zap"
)

// Defaults of the zero values in Subscription.
const (
	DefaultPrefetch = 16
	DefaultDrain    = 20 * time.Second
	DefaultReopen   = time.Minute
)

// lastGrace is how long handlers get to notice that their context has ended.
const lastGrace = 2 * time.Second

// Subscription says what to consume and how.
type Subscription struct {
	Queue string

	// Prefetch is how many deliveries may be unsettled, and how many handlers run, at
	// a time. Zero means DefaultPrefetch. The broker counts per channel: while handlers
	// of a lost channel still run, fewer new ones start.
	Prefetch int

	// Args are the consumer's arguments. A stream needs x-stream-offset (first, last,
	// next, an int64 offset or a time.Time); after a loss it is read on from behind
	// the last delivery that was handed to Handle. After a loss of the stream itself, and
	// after a long silence, it is read from that offset again: it may be another stream.
	Args map[string]any

	// Overlap makes a stream's last deliveries come again after a loss, as many as it
	// says. From them a reader sees that it is still the same stream, in each case.
	Overlap int64

	// Reopen is after how long without a delivery, at least, and twice that at most, the queue
	// is consumed over another channel: the broker may have forgotten this one. What Handle
	// leaves unsettled for so long goes back then. Zero means DefaultReopen.
	Reopen time.Duration

	// Ordered hands over one delivery at a time, in the order of the queue. Handle
	// may settle them later, and so many at once: Prefetch still counts.
	Ordered bool

	// Drain is how long running handlers may go on after Run's context has ended.
	// Then their context ends too. Zero means DefaultDrain.
	Drain time.Duration

	// Handle settles the delivery, now or later. It runs in a goroutine of its own, and
	// must not panic. Its context carries the values of Run's.
	Handle func(ctx context.Context, d *Delivery)
}

// handlers is how many of them run at a time.
func (s Subscription) handlers() int {
	if s.Ordered {
		return 1
	}
	return s.Prefetch
}

func (s Subscription) withDefaults() Subscription {
	if s.Prefetch == 0 {
		s.Prefetch = DefaultPrefetch
	}
	if s.Drain == 0 {
		s.Drain = DefaultDrain
	}
	if s.Reopen == 0 {
		s.Reopen = DefaultReopen
	}
	return s
}

// Subscriber consumes a queue, through every loss of the channel, the connection, the
// broker or the queue itself. Its methods are safe for concurrent use.
type Subscriber struct {
	Subscription

	consumer *Consumer
	link     *link // since it runs
	log      *zap.Logger
	slots    chan struct{} // one for each running handler
	pause    toggle
	hold     toggle
	window   resizable      // how many deliveries may be unsettled
	running  sync.WaitGroup // handlers, and channels that wait for theirs
	offset   int64          // of the last delivery from a stream that was handed over; -1 for none

	mu  sync.Mutex
	err error // why it is not consuming
}

// Run consumes until ctx ends or the consumer is closed, then stops the deliveries and
// waits for the running handlers. It returns nil, or an error when handlers did not
// end in time. It is called once.
func (s *Subscriber) Run(ctx context.Context) error {
	l, err := s.consumer.enter(s)
	if err != nil {
		return err
	}
	s.link = l
	defer s.consumer.leave(s)
	handling, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.consumer.ending:
			cancel()
		case <-ctx.Done():
		}
	}()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(s.Drain, giveUp) })()

	var wait backoff
	for s.pause.off(ctx) {
		err := s.consume(ctx, handling, &wait)
		if err == nil || ctx.Err() != nil {
			continue // paused, resized, or over
		}
		if s.consumer.miss(s.Queue, err) {
			s.restart()
		}
		s.note(err)
		rest := wait.next()
		if powerOfTwo(wait.tries) && !isEarly(err, wait.tries) {
			s.log.Warn("not consuming", zap.Error(err), zap.Int("tries", wait.tries), zap.Duration("wait", rest))
		}
		sleep(ctx, rest)
	}
	return s.drain(handling)
}

// earlyTries is how often a queue may not be there before that is worth a line in the log: where
// everything starts at the same time, another process declares it in a moment.
const earlyTries = 4

func isEarly(err error, tries int) bool { return tries < earlyTries && errors.Is(err, ErrNoQueue) }

// Pause stops the deliveries and puts back those that no handler has seen. Running
// handlers go on. It returns at once.
func (s *Subscriber) Pause() { s.pause.set(true) }

// Resume ends a pause. It returns at once.
func (s *Subscriber) Resume() { s.pause.set(false) }

// Resize changes how many deliveries may be unsettled, to one from 1 to Prefetch. Those
// that no handler has seen go back to the queue, and running handlers go on. It returns at
// once.
func (s *Subscriber) Resize(window int) { s.window.set(max(min(window, s.Prefetch), 1)) }

// Ready returns nil while the queue is consumed or paused, and otherwise an error that
// says why not.
func (s *Subscriber) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || s.pause.isOn() {
		return nil
	}
	return fmt.Errorf("not consuming %s: %w", s.Queue, s.err)
}

func (s *Subscriber) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// consume follows the queue over one channel, and over those that are opened instead. It returns nil
// when it was paused or resized or ctx ended, and otherwise why the channel was lost.
func (s *Subscriber) consume(ctx, handling context.Context, wait *backoff) error {
	session, err := s.link.await(ctx)
	if err != nil {
		return err
	}
	window, resized := s.window.state(s.Prefetch)
	e, err := session.subscribe(s.Queue, window, s.args())
	if err != nil {
		return err
	}
	s.note(nil)
	began := time.Now()
	for e != nil {
		e, err = s.use(ctx, handling, e, resized)
	}
	if time.Since(began) > steady {
		wait.reset()
	}
	return err
}

// use follows the queue over one channel, which closes when its handlers are done. It returns
// the channel to use next, if there is one.
func (s *Subscriber) use(ctx, handling context.Context, e *epoch, resized <-chan struct{}) (next *epoch, err error) {
	e.handlers.Add(1) // this goroutine, which may add more
	s.running.Go(e.close)
	defer e.handlers.Done()
	r := newReopening(s.Reopen)
	defer r.stop()
	return s.follow(ctx, handling, e, r, resized)
}

// follow hands over deliveries. It takes one only when a handler may run, so that what
// waits can still be put back.
func (s *Subscriber) follow(ctx, handling context.Context, e *epoch, r *reopening, resized <-chan struct{}) (next *epoch, err error) {
	for ctx.Err() == nil && !isClosed(resized) {
		paused, changed := s.pause.state()
		if paused {
			break
		}
		if held, freed := s.hold.state(); held {
			if err := e.wait(ctx, changed, freed, resized); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case <-ctx.Done():
			continue
		case <-changed:
			continue
		case <-resized:
			continue
		case s.slots <- struct{}{}:
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-resized:
		case <-r.rounds.C:
			s.reopen(e, r)
		case next := <-r.opened:
			if r.opened = nil; next != nil {
				<-s.slots
				e.giveBack()
				return next, nil
			}
		case d, ok := <-e.deliveries:
			if ok {
				r.hear()
				s.hand(handling, e, newDelivery(&d, e))
				continue
			}
			<-s.slots
			return nil, e.lost()
		}
		<-s.slots
	}
	s.consumer.losses.note(time.Now())
	e.cancel()
	return nil, nil //nolint:nilnil // no next channel, and no trouble: the subscription pauses, or ends
}

// hand gives a delivery to the handler, which frees its slot.
func (s *Subscriber) hand(handling context.Context, e *epoch, d *Delivery) {
	s.offset = d.Offset
	e.handlers.Add(1)
	s.running.Go(func() {
		defer func() { <-s.slots; e.handlers.Done() }()
		s.Handle(handling, d)
	})
}

// args are those of the subscription, with a stream's place brought up to date.
func (s *Subscriber) args() amqp.Table {
	args := amqp.Table{}
	maps.Copy(args, s.Args)
	if s.offset >= 0 {
		args["x-stream-offset"] = max(s.offset+1-s.Overlap, 0)
	}
	return args
}

// drain waits for the handlers: until their context has ended, and a little longer.
func (s *Subscriber) drain(handling context.Context) error {
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-handling.Done():
	}
	select {
	case <-done:
		return nil
	case <-time.After(lastGrace):
		return fmt.Errorf("amqpx: drain %s: %d handlers still running after %v", s.Queue, len(s.slots), s.Drain)
	}
}
