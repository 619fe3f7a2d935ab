package amqpx

import "time"

// refusedFor is how long a connection may be refused publishes before another one is tried.
const refusedFor = 3 * time.Second

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
