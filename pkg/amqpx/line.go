package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/zap"
)

// line is one of the publisher's connections, through all its losses.
type line struct {
	index  int
	log    *zap.Logger
	gate   *gate
	window *window
	roster *roster
	made   atomic.Int64 // connections
	losses *losses      // of all lines

	stall     stall
	lingering sync.WaitGroup // connections that were left

	turn chan struct{} // shared by all lines, with room for one: who may look for another connection
	mine bool          // it is this line's turn
}

var errBlocked = errors.New("the broker blocks publishers")

func (l *line) down(err error) { l.gate.set(l.index, lineState{err: err}) }

// run publishes over the session until that ends, or is left.
func (l *line) run(ctx context.Context, s *session) error {
	f := newFlight(l.window, l.roster, s)
	defer func() {
		if !s.lingers {
			f.end()
		}
	}()
	ch, err := f.start(ctx)
	if err != nil {
		return err
	}
	l.stall.begin(time.Now())
	l.window.open(f)
	l.roster.add(f)
	l.made.Add(1)
	l.gate.set(l.index, lineState{})
	l.back()
	return l.watch(ctx, f, ch.NotifyClose(make(chan *amqp.Error, 1)))
}

// watch follows the connection's fortunes until it is lost or ctx ends.
func (l *line) watch(ctx context.Context, f *flight, closed <-chan *amqp.Error) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-f.session.closed:
			l.losses.note(time.Now())
			return fmt.Errorf("connection lost: %w", reason(err))
		case err := <-closed:
			l.losses.note(time.Now())
			return fmt.Errorf("channel lost: %w", reason(err))
		case <-f.refusals.lasting:
			if l.mayLeave() {
				return l.leave(ctx, f, errRefused)
			}
		case <-f.renewing:
			if l.mayLeave() {
				return l.leave(ctx, f, errRefused)
			}
		case <-f.stalled:
			return fmt.Errorf("gave up the connection: %d publishes without an answer", maxForgotten)
		case now := <-look.C:
			if f.stale.Load() && l.mayLeave() {
				return l.leave(ctx, f, errRefused)
			}
			if l.stall.check(now, f.owes(), f.answered.Load()) && l.mayLeave() {
				l.stall.leave()
				return l.leave(ctx, f, errStalled)
			}
		case b, ok := <-f.session.blocked:
			if !ok {
				l.losses.note(time.Now())
				return fmt.Errorf("connection lost: %w", reason(<-f.session.closed))
			}
			l.block(f, b)
		}
	}
}

// block notes what the broker says about an alarm.
func (l *line) block(f *flight, b amqp.Blocking) {
	f.blocked.Store(b.Active)
	if !b.Active {
		l.log.Info("RabbitMQ takes publishes again")
		l.gate.set(l.index, lineState{})
		return
	}
	l.log.Warn("RabbitMQ blocks publishers", zap.String("reason", b.Reason))
	l.gate.set(l.index, lineState{blocked: true, err: fmt.Errorf("%w: %s", errBlocked, b.Reason)})
}
