package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
)

// maxForgotten is how many publishes without a quota may be without an answer although
// nobody waits for them any more. They take no room in the window: one queue that confirms nothing,
// for lack of a majority, must not stop the publishing to all others. When they are
// too many, the connection is given up.
const maxForgotten = 2000

var (
	errLost   = errors.New("connection lost")        // why a connection takes nothing any more
	errNoRoom = errors.New("the connection is full") // the broker reads too slowly from it, or not at all
)

// flight is what is on its way over one session of a line.
type flight struct {
	window   *window
	roster   *roster
	session  *session
	number   atomic.Uint32 // of the channel
	lib      *amqp.Channel // the library's
	sent     func()        // is called in a goroutine of its own after each publish; may be nil
	confirms *confirms
	blocked  atomic.Bool
	over     chan struct{} // closed when the session takes nothing more

	flying    atomic.Int64 // publishes that wait for an answer
	answered  atomic.Int64 // publishes that got one
	forgotten atomic.Int64
	stalled   chan struct{} // gets a value when too many are forgotten
	refusals  refusals
	retiring  sync.Once

	quotas   sync.Map      // of *quota, by queue
	latest   atomic.Int64  // when the latest publish with a quota was sent that was answered
	refused  atomic.Bool   // a publish was refused
	stale    atomic.Bool   // a new connection should replace this one
	renewing chan struct{} // gets a value with that
}

func newFlight(w *window, r *roster, s *session) *flight {
	return &flight{
		window: w, roster: r, session: s, renewing: make(chan struct{}, 1), confirms: newConfirms(),
		over: make(chan struct{}), stalled: make(chan struct{}, 1), refusals: newRefusals(),
	}
}

// start opens the channel, and asks for confirms on it. The client library is not told of
// them: it then leaves to see what the broker says about publishes.
func (f *flight) start(ctx context.Context) (*amqp.Channel, error) {
	f.session.sock.watch(f.see)
	ch, err := f.session.channel(ctx)
	if err != nil {
		return nil, err
	}
	if f.channel() == 0 {
		return nil, errors.New("open channel: the broker did not say which")
	}
	if _, err := f.session.sock.Write(wire.AppendConfirmSelect(nil, f.channel())); err != nil {
		return nil, fmt.Errorf("ask for confirms: %w", err)
	}
	f.lib = ch
	return ch, nil
}

// goesOn waits until the channel answers a call that is sent now, and reports whether it does.
func (f *flight) goesOn() bool { return f.lib.Qos(1, 0, false) == nil }

func (f *flight) channel() uint16 { return uint16(f.number.Load()) }

// see follows what the broker sends, in the order in which it does.
func (f *flight) see(frame wire.Frame) {
	if frame.Opened() {
		f.number.Store(uint32(frame.Channel))
	}
	if answer, ok := frame.Answer(); ok {
		answered, left, latest := f.confirms.settle(answer)
		f.answered.Add(int64(answered))
		f.roster.sawAnswer(latest)                   // how long the broker took is known before a queue is judged by it
		f.latest.Store(max(f.latest.Load(), latest)) // only here it is written
		f.forgotten.Add(-int64(len(left)))
		for _, p := range left {
			p.tell()
		}
		if answer.Refused {
			f.refused.Store(true)
			f.refusals.note(time.Now())
		}
	}
	if exchange, key, ok := frame.Returned(); ok {
		f.confirms.returning(exchange, key)
	}
	if id, ok := frame.MessageID(); ok {
		f.confirms.returned(id)
	}
}

// retire lets nothing more be sent over the session. What is on its way gets its answer.
func (f *flight) retire() {
	f.retiring.Do(func() {
		close(f.over)
		f.roster.remove(f)
		f.dropFirsts()
		f.window.sweep()
	})
}

// end fails what has no answer yet, and whatever would be sent from now on.
func (f *flight) end() {
	f.retire()
	f.confirms.end()
	f.dropFirsts()
}

// alive reports whether the session still takes publishes.
func (f *flight) alive() bool {
	select {
	case <-f.over:
		return false
	default:
		return true
	}
}

// publish sends one request and waits for its answer. It holds a place in the window
// meanwhile.
func (f *flight) publish(ctx context.Context, r *request) error {
	f.flying.Add(1)
	defer f.release()
	if err := f.reserve(ctx, r, forever); err != nil {
		return err
	}
	p := newPending(r)
	if err := f.send(p, r); err != nil {
		p.recycle()
		return err
	}
	if f.sent != nil {
		go f.sent()
	}
	if !awaitConfirms {
		f.forget(p)
		return nil
	}
	return f.wait(ctx, p)
}

// reserve waits for room in the socket, which send uses, until ctx ends, and no longer than
// the limit.
func (f *flight) reserve(ctx context.Context, r *request, limit time.Duration) error {
	if f.blocked.Load() {
		return fmt.Errorf("%w: %w", ErrUnavailable, errBlocked)
	}
	frame := f.session.conn.Config.FrameSize
	if frame > 0 && r.header > frame {
		return fmt.Errorf("%w: headers of up to %d bytes, the broker takes %d", ErrInvalid, r.header, frame)
	}
	if err := f.session.sock.reserve(ctx, r.size(), limit); err != nil {
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, errNoRoom, err)
	}
	return nil
}

// send writes one request, for which room is reserved. It never waits.
func (f *flight) send(p *pending, r *request) error {
	err := f.confirms.add(p, func() error {
		return f.session.sock.publish(f.channel(), f.session.conn.Config.FrameSize, &r.publish, r.size())
	})
	if err != nil {
		f.session.sock.cancel(r.size())
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// wait returns the broker's answer to what was sent.
func (f *flight) wait(ctx context.Context, p *pending) error {
	select {
	case outcome := <-p.answer:
		p.recycle()
		return outcome
	case <-ctx.Done():
	}
	if f.forget(p) {
		return fmt.Errorf("%w: no confirm: %w", ErrUnknown, ctx.Err())
	}
	outcome := <-p.answer // it came at the same time
	p.recycle()
	return outcome
}

// forget lets go of a publish whose publisher goes away, unless it has its answer.
func (f *flight) forget(p *pending) bool {
	f.forgotten.Add(1) // before the answer can come, which takes it back
	if !f.confirms.leave(p) {
		f.forgotten.Add(-1)
		return false
	}
	if p.quota == nil && f.forgotten.Load() >= maxForgotten {
		select {
		case f.stalled <- struct{}{}:
		default:
		}
	}
	return true
}

// tell tells the answer to whom it comes too late for.
func (p *pending) tell() {
	if outcome := <-p.answer; p.late != nil {
		go p.late(outcome)
	}
}

// owes reports whether publishes wait for an answer that the broker could give.
func (f *flight) owes() bool {
	return !f.blocked.Load() && (f.flying.Load() > 0 || f.forgotten.Load() > 0)
}

// release gives the place back.
func (f *flight) release() {
	f.flying.Add(-1)
	f.window.give(f)
}
