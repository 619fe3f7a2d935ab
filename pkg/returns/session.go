package returns

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// How long one publish may take, and how long a message in hand rests at most before it is
// published again.
const (
	moveTime   = 10 * time.Second
	scoutPause = 2 * time.Second
)

// session takes messages over one channel. What it leaves unsettled goes back to the queue
// when the channel is closed.
type session struct {
	mover   *Mover
	feed    *amqpx.Feed
	window  int
	largest int64 // message, in bytes

	ctx    context.Context //nolint:containedctx // of those in hand, which outlast the session's own
	giveUp context.CancelFunc
	moving sync.WaitGroup

	mu    sync.Mutex
	over  bool // nothing more is taken in hand
	lanes map[place]*lane
}

func newSession(m *Mover, feed *amqpx.Feed, window int) *session {
	s := &session{mover: m, feed: feed, window: window, lanes: map[place]*lane{}}
	s.ctx, s.giveUp = context.WithCancel(context.Background())
	return s
}

// run takes messages for so long, or until the channel is lost, or ctx is done.
func (s *session) run(ctx context.Context, lifetime time.Duration) {
	timer := time.NewTimer(lifetime)
	defer timer.Stop()
	for !outgrown(s.window, s.mover.options.Bytes, s.largest) {
		select {
		case d, ok := <-s.feed.Deliveries():
			if !ok {
				return
			}
			s.largest = max(s.largest, event.Weight(d.Message))
			s.take(d) //nolint:contextcheck // what is in hand is moved although ctx ends
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// end gives back what is not in hand, and waits for what is.
func (s *session) end() {
	_ = s.feed.Stop()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	defer time.AfterFunc(moveTime, s.giveUp).Stop()
	s.moving.Wait()
	s.giveUp()
	s.feed.Close()
}

// move moves one message, and tries until that is done or the session is. While no queue of
// its route takes messages, one of them stays in hand as the scout, which finds out when that
// is over; the others wait once more.
func (s *session) move(l *lane, d *amqpx.Delivery, to place) {
	defer s.dismiss(l, d)
	defer s.mover.hands.take(way{to.queue, d.Message.ID})()
	for failures := 0; !d.Lost(); failures++ {
		err := s.try(l, d, to)
		if err == nil {
			_ = d.Ack() // when the channel is lost, it comes once more
			return
		}
		if failures == 0 {
			s.mover.noteStuck(s.ctx, to, err)
		}
		if s.isOver() || pause(s.ctx, min(firstPause<<min(failures, 10), scoutPause)) != nil {
			return
		}
	}
}

func (s *session) try(l *lane, d *amqpx.Delivery, to place) error {
	ctx, cancel := context.WithTimeout(s.ctx, moveTime)
	defer cancel()
	err := s.mover.carry(ctx, d.Message, to)
	switch {
	case !errors.Is(err, errNowhere):
		return err
	case !s.scouts(l, d):
		return s.mover.delayAgain(ctx, d.Message)
	}
	if now := time.Now(); s.toldAgain(l, now) {
		s.mover.tellHeld(ctx, d.Message, now.Add(scoutTold), now)
	}
	return err
}

func (s *session) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}
