package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"
)

// batch is how many publishes share one write to the socket at most.
const batch = 32

// maxForgotten is how many publishes may be without an answer although nobody waits
// for them any more. They take no room in the window: one queue that confirms nothing,
// for lack of a majority, must not stop the publishing to all others. When they are
// too many, the connection is given up.
const maxForgotten = 2000

// flight is what is on its way over one session of a line.
type flight struct {
	line    *line
	session *session
	channel *amqp.Channel
	blocked atomic.Bool
	over    chan struct{} // closed when the session has ended

	answered  atomic.Int64 // publishes that got an answer
	forgotten atomic.Int64
	stalled   chan struct{} // gets a value when too many are forgotten

	// A returned message's basic.return comes before its basic.ack, so it is in
	// returns once the ack is seen. The channel has room for all that can be
	// unanswered: it never makes the library's reader wait.
	returns chan amqp.Return
	mu      sync.Mutex
	strays  map[route]int // returned, and not claimed by their publisher yet
}

// write sends requests as long as the window has room. It is the only one that
// publishes on the channel.
func (f *flight) write() {
	for {
		select {
		case f.line.slots <- struct{}{}:
		case <-f.over:
			return
		case <-f.line.draining:
			return
		}
		select {
		case r := <-f.line.requests:
			f.writeBatch(r)
		case <-f.over:
			f.release()
			return
		case <-f.line.draining:
			f.release()
			return
		}
	}
}

// writeBatch sends first, and with it what others have waiting by now: one write to
// the socket instead of many.
func (f *flight) writeBatch(first *request) {
	f.session.sock.cork()
	// A failed write has closed the socket; whoever waits learns it from there.
	defer func() { _ = f.session.sock.uncork() }()
	f.send(first)
	for range batch - 1 {
		select {
		case f.line.slots <- struct{}{}:
		default:
			return
		}
		select {
		case r := <-f.line.requests:
			f.send(r)
		default:
			f.release()
			return
		}
	}
}

// send publishes one request. Its slot is held until the answer.
func (f *flight) send(r *request) {
	confirm, err := f.publish(r)
	if err != nil {
		f.release()
	}
	r.sent <- sent{flight: f, confirm: confirm, err: err}
}

func (f *flight) publish(r *request) (*amqp.DeferredConfirmation, error) {
	if f.blocked.Load() {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, errBlocked)
	}
	if limit := f.session.conn.Config.FrameSize; limit > 0 && r.header > limit {
		return nil, fmt.Errorf("%w: headers of up to %d bytes, the broker takes %d", ErrInvalid, r.header, limit)
	}
	confirm, err := f.channel.PublishWithDeferredConfirm(r.route.exchange, r.route.key, true, false, r.publishing)
	switch {
	case err == nil:
		return confirm, nil
	case errors.Is(err, amqp.ErrClosed): // a frame of it is missing for certain
		return nil, fmt.Errorf("%w: connection lost", ErrUnavailable)
	default:
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
}

// wait returns the broker's answer to what was sent.
func (f *flight) wait(ctx context.Context, s sent, r *request) error {
	select {
	case <-s.confirm.Done():
		return f.answer(s, r)
	default:
	}
	select {
	case <-s.confirm.Done():
		return f.answer(s, r)
	case <-ctx.Done():
		f.forget(s.confirm, r)
		return fmt.Errorf("%w: no confirm: %w", ErrUnknown, ctx.Err())
	}
}

// forget lets go of a publish whose publisher went away.
func (f *flight) forget(confirm *amqp.DeferredConfirmation, r *request) {
	f.release()
	if f.forgotten.Add(1) >= maxForgotten {
		select {
		case f.stalled <- struct{}{}:
		default:
		}
	}
	go func() {
		<-confirm.Done()
		outcome := f.judge(confirm, r.route)
		f.forgotten.Add(-1)
		if r.late != nil && !errors.Is(outcome, ErrUnknown) {
			r.late(outcome)
		}
	}()
}

// answer judges a publish whose confirm is done, and frees its slot.
func (f *flight) answer(s sent, r *request) error {
	defer f.release()
	return f.judge(s.confirm, r.route)
}

// judge says what became of a publish whose confirm is done.
func (f *flight) judge(confirm *amqp.DeferredConfirmation, r route) error {
	returned := f.claimReturn(r)
	switch {
	case confirm.Acked() && returned:
		return ErrReturned
	case confirm.Acked():
		return nil
	case f.channel.IsClosed(): // the library calls a lost confirm a refusal
		return fmt.Errorf("%w: connection lost", ErrUnknown)
	default:
		return ErrNacked
	}
}

// claimReturn reports whether the message was returned. Two publishes of one message
// to one place are alike: it does not matter which of them claims the return.
func (f *flight) claimReturn(r route) bool {
	f.answered.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.returns) > 0 {
		back := <-f.returns
		f.strays[route{back.MessageId, back.Exchange, back.RoutingKey}]++
	}
	if f.strays[r] == 0 {
		return false
	}
	f.strays[r]--
	if f.strays[r] == 0 {
		delete(f.strays, r)
	}
	return true
}

// owes reports whether publishes wait for an answer that the broker could give. The
// writer itself keeps one slot.
func (f *flight) owes() bool {
	return !f.blocked.Load() && (len(f.line.slots) > 1 || f.forgotten.Load() > 0)
}

func (f *flight) release() { <-f.line.slots }
