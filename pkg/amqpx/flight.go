package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"
)

// maxForgotten is how many publishes may be without an answer although nobody waits
// for them any more. They take no room in the window: one queue that confirms nothing,
// for lack of a majority, must not stop the publishing to all others. When they are
// too many, the connection is given up.
const maxForgotten = 2000

// flight is what is on its way over one session of a line.
type flight struct {
	window  *window
	session *session
	channel *amqp.Channel
	blocked atomic.Bool
	over    chan struct{} // closed when the session has ended

	flying    atomic.Int64 // publishes that wait for an answer
	answered  atomic.Int64 // publishes that got one
	forgotten atomic.Int64
	stalled   chan struct{} // gets a value when too many are forgotten

	// A returned message's basic.return comes before its basic.ack, so it is in
	// returns once the ack is seen. The channel has room for all that can be
	// unanswered: it never makes the library's reader wait.
	returns chan amqp.Return
	mu      sync.Mutex
	strays  map[route]int // returned, and not claimed by their publisher yet
}

// alive reports whether the session still runs.
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
	confirm, err := f.send(ctx, r)
	if err != nil {
		f.release()
		return err
	}
	if !awaitConfirms {
		f.forget(confirm, r)
		return nil
	}
	return f.wait(ctx, confirm, r)
}

// send hands one request to the library. Nothing in here waits but for room in the
// socket.
func (f *flight) send(ctx context.Context, r *request) (*amqp.DeferredConfirmation, error) {
	if f.blocked.Load() {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, errBlocked)
	}
	if limit := f.session.conn.Config.FrameSize; limit > 0 && r.header > limit {
		return nil, fmt.Errorf("%w: headers of up to %d bytes, the broker takes %d", ErrInvalid, r.header, limit)
	}
	size := r.header + len(r.publishing.Body)
	if err := f.session.sock.reserve(ctx, size); err != nil {
		return nil, fmt.Errorf("%w: the connection is full: %w", ErrUnavailable, err)
	}
	defer f.session.sock.written(size)
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
func (f *flight) wait(ctx context.Context, confirm *amqp.DeferredConfirmation, r *request) error {
	select {
	case <-confirm.Done():
	case <-ctx.Done():
		select {
		case <-confirm.Done(): // at the same time
		default:
			f.forget(confirm, r)
			return fmt.Errorf("%w: no confirm: %w", ErrUnknown, ctx.Err())
		}
	}
	defer f.release()
	return f.judge(confirm, r.route)
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

// owes reports whether publishes wait for an answer that the broker could give.
func (f *flight) owes() bool {
	return !f.blocked.Load() && (f.flying.Load() > 0 || f.forgotten.Load() > 0)
}

// release gives the place back.
func (f *flight) release() {
	f.flying.Add(-1)
	f.window.give(f)
}
