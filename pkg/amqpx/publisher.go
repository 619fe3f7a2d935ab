package amqpx

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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
	window   *window
	roster   *roster
	lines    []*line
	losses   losses
	flying   atomic.Int64  // publishes that have not returned
	landed   chan struct{} // gets a value when the last of them does
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
	p := &Publisher{
		gate: newGate(opts.Connections), window: newWindow(opts.Connections, opts.Window), roster: newRoster(),
		landed: make(chan struct{}, 1), stop: stop,
	}
	turn := make(chan struct{}, 1)
	for i := range opts.Connections {
		l := &line{
			turn:   turn,
			index:  i,
			log:    log.With(zap.String("use", "publish"), zap.Int("connection", i)),
			gate:   p.gate,
			window: p.window,
			roster: p.roster,
			losses: &p.losses,
		}
		p.lines = append(p.lines, l)
		p.running.Go(func() {
			supervise(ctx, cfg, l.log, l.down, l.run)
			l.lingering.Wait()
		})
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
	p.flying.Add(1)
	defer p.land()
	f, err := p.board(ctx)
	if err != nil {
		return err
	}
	return f.publish(ctx, r)
}

// board finds a connection that has room.
func (p *Publisher) board(ctx context.Context) (*flight, error) {
	for {
		state := p.gate.state()
		if state.err != nil {
			return nil, state.err
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		select {
		case f := <-p.window.places:
			if f.alive() {
				return f, nil
			}
		case <-state.over: // look again: it is shut now, or open once more
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: every window is full: %w", ErrUnavailable, ctx.Err())
		}
	}
}

// land notes that a publish has returned.
func (p *Publisher) land() {
	if p.flying.Add(-1) > 0 {
		return
	}
	select {
	case p.landed <- struct{}{}:
	default:
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
	left := p.settle(ctx)
	p.stop()
	p.running.Wait() // at most closeTimeout
	if left > 0 {
		return fmt.Errorf("amqpx: close publisher: %d publishes without an answer: %w", left, ctx.Err())
	}
	return nil
}

// settle waits until every publish has returned, or ctx ends, and says how many have
// not.
func (p *Publisher) settle(ctx context.Context) int64 {
	for p.flying.Load() > 0 {
		select {
		case <-p.landed:
		case <-ctx.Done():
			return p.flying.Load()
		}
	}
	return 0
}
