package amqpx

import (
	"math/rand/v2"
	"time"
)

// reopening opens another channel beside one that delivers nothing.
//
// RabbitMQ goes on with the consumer of a queue that is deleted and made again at once, says
// nothing, and drops whatever that consumer should get: its channel has forgotten the queue.
// Only another channel gets it. The old one stays in use until the new one is open, because a
// queue without a leader opens none, and must not take the connection with it.
type reopening struct {
	rounds *time.Ticker
	heard  bool        // something came in this round
	opened chan *epoch // gets the new one, or nil when there is none; nil while none is asked for
}

// newReopening makes a reopening whose rounds are up to a fifth shorter than every, which spreads
// subscribers over time.
func newReopening(every time.Duration) *reopening {
	return &reopening{rounds: time.NewTicker(every - rand.N(every/5))} //nolint:gosec // only to spread subscribers over time
}

// due ends a round, and reports whether nothing came in it, and no channel is being opened.
func (r *reopening) due() bool {
	quiet := !r.heard && r.opened == nil
	r.heard = false
	return quiet
}

// hear notes a delivery. The channel works, and no other one is needed.
func (r *reopening) hear() {
	r.heard = true
	r.discard()
}

// discard closes the other channel once it is open.
func (r *reopening) discard() {
	opened := r.opened
	if r.opened = nil; opened == nil {
		return
	}
	go func() {
		if e := <-opened; e != nil {
			e.giveBack()
			e.close()
		}
	}()
}

// stop ends the reopening of a channel that is not followed any more.
func (r *reopening) stop() {
	r.rounds.Stop()
	r.discard()
}

// reopen asks for another channel on the connection of e, if nothing is in hand and nothing
// came. The end of the connection is an answer, too.
func (s *Subscriber) reopen(e *epoch, r *reopening) {
	if !r.due() || len(s.slots) > 1 { // one is ours
		return
	}
	s.restart()
	window, _ := s.window.state(s.Prefetch)
	args, opened := s.args(), make(chan *epoch, 1)
	r.opened = opened
	go func() {
		next, err := e.session.subscribePatiently(s.Queue, window, args)
		if err != nil {
			next = nil // the queue is gone, which the old channel learns by itself, or the connection is
		}
		opened <- next
	}()
}

// restart makes a stream's subscription begin where its arguments say: its place in the old
// stream means nothing in another one. Who asks for an overlap sees that itself.
func (s *Subscriber) restart() {
	if s.Overlap == 0 {
		s.offset = -1
	}
}

// giveBack leaves to the broker what was delivered and no handler has seen, when the channel
// closes. The library waits until it is taken.
func (e *epoch) giveBack() {
	go func() {
		for range e.deliveries { // what comes is settled by the closing
		}
	}()
}
