package amqpx

import (
	"context"
	"errors"
	"time"
)

// How long a connection may be refused publishes before another one is tried, and what
// those on their way get to be answered first.
const (
	refusedFor   = 15 * time.Second
	retireWithin = 2 * time.Second
)

// errRefused is why a connection is left for a new one.
var errRefused = errors.New("queues refuse what comes over this connection; trying another one")

// refusals notice that publishes are refused on and on. A queue that is full tells every
// channel, and tells them again when it has been emptied. It tells nobody when its limit
// is lifted, nor may the word arrive when its leader goes away meanwhile: RabbitMQ then
// refuses whatever comes over the channel for ever. A new one knows nothing of it.
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
