package fanout

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// pulseEach is how often the broker is asked for a sign of life at most.
const pulseEach = 500 * time.Millisecond

// pulse finds out whether the broker stores messages, when a copy has no answer and nothing
// else was published that would show it. It publishes to a queue of its own, which answers
// as the routes' queues do: a broker that is slow as a whole is slow there too, and then no
// event is deferred.
type pulse struct {
	mu       sync.Mutex
	asked    time.Time // when the newest one was sent
	running  bool
	answered time.Time // when the newest one was sent that the broker stored within its patience
}

// since reports whether the broker has stored a pulse that was sent after the time given. It
// sends another one when that is not known, and does not wait for its answer.
func (p *pulse) since(at time.Time, f *Fanout) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answered.After(at) {
		return true
	}
	if now := time.Now(); !p.running && now.Sub(p.asked) >= pulseEach {
		p.asked, p.running = now, true
		f.probing.Go(func() { p.send(f, now) })
	}
	return false
}

func (p *pulse) send(f *Fanout, at time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := f.options.Probe(ctx, amqpx.Publication{Exchange: topology.Routes, Key: topology.Pulse, Message: &event.Message{
		ID: event.NewID(), Type: topology.Pulse, AppID: event.AppID, Timestamp: at,
	}}, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = false
	if err == nil {
		p.answered = at
	}
}
