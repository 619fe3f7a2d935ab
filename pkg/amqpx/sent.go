package amqpx

import (
	"context"
	"fmt"
	"time"
)

// Sent is a publish that is on its way. Its user calls Wait until that reports an answer,
// or ends with Leave; after that it must not be used any more.
type Sent struct {
	publisher *Publisher
	flight    *flight
	pending   *pending
	at        int64 // when it was sent
}

// Wait waits for the broker's answer until ctx ends or stop is closed; answered is false
// then. The answer is nil when the broker took responsibility for the message and a queue
// has it, and otherwise ErrReturned, ErrNacked or ErrUnknown.
func (s *Sent) Wait(ctx context.Context, stop <-chan struct{}) (answer error, answered bool) {
	select {
	case answer = <-s.pending.answer:
	case <-ctx.Done():
		return nil, false
	case <-stop:
		return nil, false
	}
	s.land()
	s.pending.recycle()
	return answer, true
}

// Leave waits no longer. The answer is ErrUnknown, unless it came at the same time. Where
// the broker answers later on, late gets that, in a goroutine of its own; it may be nil.
func (s *Sent) Leave(late func(error)) error {
	s.pending.late = late
	if s.flight.forget(s.pending) {
		s.land()
		return fmt.Errorf("%w: no confirm", ErrUnknown)
	}
	answer := <-s.pending.answer
	s.land()
	s.pending.recycle()
	return answer
}

// Age is how long ago it was sent.
func (s *Sent) Age() time.Duration { return time.Duration(sinceStart() - s.at) }

// Overtaken reports whether its connection has answered a publish that was sent later: the
// queue is slow, and not the broker.
func (s *Sent) Overtaken() bool { return s.flight.latest.Load() > s.at }

// Beside reports whether both went over the same connection.
func (s *Sent) Beside(other *Sent) bool { return s.flight == other.flight }

// Stalled reports whether only other connections have answered publishes that were sent
// later: its connection is slow, and not the broker.
func (s *Sent) Stalled() bool { return !s.Overtaken() && s.publisher.roster.latest.Load() > s.at }

// First reports whether the queue has not answered on this connection yet: it may be what
// holds up the connection.
func (s *Sent) First() bool { return !s.pending.quota.known.Load() }

// Abandon lets nothing more be sent over its connection. What is on its way may get its
// answer.
func (s *Sent) Abandon() { s.flight.abandon() }

// AnsweredWithin reports whether the broker has answered a publish that was sent within
// that time.
func (p *Publisher) AnsweredWithin(d time.Duration) bool {
	return p.roster.latest.Load() > sinceStart()-int64(d)
}

// Took is how long the broker took for its newest answer.
func (p *Publisher) Took() time.Duration { return time.Duration(p.roster.took.Load()) }

func (s *Sent) board() {
	s.publisher.flying.Add(1)
	s.flight.flying.Add(1)
}

func (s *Sent) land() {
	s.flight.flying.Add(-1)
	s.publisher.land()
}
