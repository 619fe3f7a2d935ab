package amqpx

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
)

// Defaults of the zero values in PublisherOptions. About 256 publishes in flight
// saturate a broker; more of them only wait longer.
const (
	DefaultConnections = 3
	DefaultWindow      = 96
)

// PublisherOptions sizes a Publisher. The zero value is the default.
type PublisherOptions struct {
	Connections int // how many; zero means DefaultConnections
	Window      int // unconfirmed publishes per connection; zero means DefaultWindow
}

// Publication is one message and where it goes. It travels persistent and mandatory.
type Publication struct {
	Exchange, Key string         // of at most 255 bytes; the empty exchange is the default one
	Message       *event.Message // only read; after ErrUnknown perhaps still for a while

	// Expires is how long it may wait in a queue, in whole milliseconds, before the
	// broker drops or dead-letters it. Zero means for ever.
	Expires time.Duration

	// Late, if not nil, is told the broker's answer when it comes only after Publish
	// has returned ErrUnknown: nil, ErrReturned or ErrNacked. It is called at most once,
	// in a goroutine of its own, and not at all when the connection breaks first.
	Late func(error)
}

// Publisher publishes with confirms over a few connections that it keeps up by
// itself. Its methods are safe for concurrent use.
type Publisher struct {
	gate     *gate
	requests chan *request // unbuffered: a connection with room takes what is next
	draining chan struct{} // closed by Close
	lines    []*line
	stop     context.CancelFunc
	running  sync.WaitGroup
	close    sync.Once
	closeErr error
}

// NewPublisher starts connecting and returns at once; no broker needs to be there.
// Close ends it. An invalid cfg shows in Ready and in every Publish; see
// Config.Validate.
func NewPublisher(cfg Config, opts PublisherOptions, log *zap.Logger) *Publisher {
	cfg = cfg.withDefaults()
	if opts.Connections == 0 {
		opts.Connections = DefaultConnections
	}
	if opts.Window == 0 {
		opts.Window = DefaultWindow
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &Publisher{gate: newGate(opts.Connections), requests: make(chan *request), draining: make(chan struct{}), stop: stop}
	for i := range opts.Connections {
		l := &line{
			index:    i,
			log:      log.With(zap.String("use", "publish"), zap.Int("connection", i)),
			gate:     p.gate,
			requests: p.requests,
			draining: p.draining,
			slots:    make(chan struct{}, opts.Window),
		}
		p.lines = append(p.lines, l)
		p.running.Go(func() { supervise(ctx, cfg, l.log, l.down, l.run) })
	}
	return p
}

// Publish sends the message and waits for the broker's confirm. It returns nil only
// when the broker took responsibility for the message and a queue has it. Otherwise
// the error is one of ErrUnavailable, ErrReturned, ErrNacked, ErrUnknown and
// ErrInvalid. It returns when ctx ends at the latest. Concurrent publishes keep no
// order; publishes one after the other do, as long as none fails.
func (p *Publisher) Publish(ctx context.Context, pub Publication) error {
	r, err := newRequest(pub)
	if err != nil {
		return fmt.Errorf("publish to %q: %w", pub.Exchange, err)
	}
	if err := p.publish(ctx, r); err != nil {
		return fmt.Errorf("publish to %q: %w", pub.Exchange, err)
	}
	return nil
}

func (p *Publisher) publish(ctx context.Context, r *request) error {
	if err := p.hand(ctx, r); err != nil {
		return err
	}
	select {
	case sent := <-r.sent:
		if sent.err != nil {
			return sent.err
		}
		if !awaitConfirms {
			sent.flight.forget(sent.confirm, r)
			return nil
		}
		return sent.flight.wait(ctx, sent, r)
	case <-ctx.Done():
		go r.forget()
		return fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	}
}

// hand gives the request to a connection that has room.
func (p *Publisher) hand(ctx context.Context, r *request) error {
	for {
		state := p.gate.state()
		if state.err != nil {
			return state.err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		select {
		case p.requests <- r:
			return nil
		case <-state.over: // look again: it is shut now, or open once more
		case <-ctx.Done():
			return fmt.Errorf("%w: every window is full: %w", ErrUnavailable, ctx.Err())
		}
	}
}

// Ready returns nil when Publish could work now, and otherwise an error that says
// why not, which is ErrUnavailable. It costs nanoseconds.
func (p *Publisher) Ready() error { return p.gate.state().err }

// Close refuses new publishes, waits until those in flight are answered or ctx
// ends, and closes the connections. Its error says how many publishes were left
// without an answer. Closing again returns the same.
func (p *Publisher) Close(ctx context.Context) error {
	p.close.Do(func() { p.closeErr = p.drain(ctx) })
	return p.closeErr
}

func (p *Publisher) drain(ctx context.Context) error {
	p.gate.close()
	close(p.draining)
	left := 0
	for _, l := range p.lines {
		left += l.settle(ctx)
	}
	p.stop()
	p.running.Wait() // at most closeTimeout
	if left > 0 {
		return fmt.Errorf("amqpx: close publisher: %d publishes without an answer: %w", left, ctx.Err())
	}
	return nil
}
