package amqpx

import (
	"context"
	"errors"
	"time"
)

// How long a connection may be refused publishes before another one is tried, and what
// those on their way get to be answered first.
const (
	refusedFor   = 3 * time.Second
	retireWithin = 2 * time.Second
)

// errRefused is why a connection is left for a new one.
var errRefused = errors.New("queues refuse what comes over this connection; trying another one")

// refusals notice that publishes are refused, and were so long ago. A queue that is full
// tells every channel, and tells them again when it has been emptied. It tells nobody when
// its limit is lifted, nor may the word arrive when its leader goes away meanwhile: RabbitMQ
// then refuses whatever comes over the channel for ever. A new one knows nothing of it.
type refusals struct {
	first   time.Time     // zero: there was none
	lasting chan struct{} // gets a value with a refusal that comes long after the first
}

func newRefusals() refusals { return refusals{lasting: make(chan struct{}, 1)} }

// note takes a refusal.
func (r *refusals) note(now time.Time) {
	if r.first.IsZero() {
		r.first = now
	}
	if now.Sub(r.first) < refusedFor {
		return
	}
	select {
	case r.lasting <- struct{}{}:
	default:
	}
}

// mayLeave reports whether the line may look for another connection. One line of a
// publisher does so at a time, and only while another one takes publishes: those to other
// queues must not suffer. It has its turn until it is back.
func (l *line) mayLeave() bool {
	if l.mine {
		return true
	}
	select {
	case l.turn <- struct{}{}:
	default:
		return false
	}
	if l.mine = l.gate.spares(l.index); !l.mine {
		<-l.turn
	}
	return l.mine
}

// back ends the line's turn.
func (l *line) back() {
	if l.mine {
		l.mine = false
		<-l.turn
	}
}

// leave ends the use of a connection as soon as what is on its way is answered, which is
// not waited for very long.
func (f *flight) leave(ctx context.Context) error {
	f.retire()
	enough := time.NewTimer(retireWithin)
	defer enough.Stop()
	for f.flying.Load() > 0 {
		select {
		case <-f.landed:
		case <-enough.C:
			return errRefused
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errRefused
}
