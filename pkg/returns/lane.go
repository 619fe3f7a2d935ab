package returns

import (
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// mostInHand is how many messages to one queue are on their way at a time.
const mostInHand = 16

// place is where a message goes: by the name of a queue.
type place struct{ exchange, queue string }

// placeOf is where a message goes now. One without a queue to return to is not ours.
func placeOf(m *event.Message, now time.Time) place {
	queue := m.Text(event.HeaderReturnTo)
	if left := wholeSeconds(dueIn(m, now)); left > 0 && queue != "" {
		return place{topology.Delay, topology.LevelQueue(topology.Level(left))}
	}
	return place{topology.Routes, queue}
}

// lane is the messages to one place.
type lane struct {
	hands   int // messages on their way
	waiting []*amqpx.Delivery
	scout   *amqpx.Delivery // the one that finds out when the queue takes messages again; nil: none does
	told    time.Time       // when it was recorded last that the scout is held
}

// take takes a message in hand, or lets it wait until there is a hand for it.
func (s *session) take(d *amqpx.Delivery) {
	to := placeOf(d.Message, time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[to]
	if l == nil {
		l = new(lane)
		s.lanes[to] = l
	}
	if l.hands >= mostInHand {
		l.waiting = append(l.waiting, d)
		return
	}
	l.hands++
	s.moving.Go(func() { s.work(l, to, d) })
}

// work moves a message, and then those that wait, until none does.
func (s *session) work(l *lane, to place, d *amqpx.Delivery) {
	for d != nil {
		s.move(l, d, to)
		d = s.next(l, to)
	}
}

// next is the next message of a lane; nil when there is none, or the session is over: then
// the hand is free.
func (s *session) next(l *lane, to place) *amqpx.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.waiting) > 0 && !s.over {
		d := l.waiting[0]
		l.waiting[0], l.waiting = nil, l.waiting[1:]
		return d
	}
	if l.hands--; l.hands == 0 {
		delete(s.lanes, to)
	}
	return nil
}

// scouts reports whether a message is the scout of its lane, which it becomes if there is none.
func (s *session) scouts(l *lane, d *amqpx.Delivery) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.scout == nil {
		l.scout, l.told = d, time.Time{}
	}
	return l.scout == d
}

// dismiss lets another message be the scout, if this one was.
func (s *session) dismiss(l *lane, d *amqpx.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.scout == d {
		l.scout = nil
	}
}

// toldAgain reports whether it is time to record that a scout is held.
func (s *session) toldAgain(l *lane, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(l.told) < scoutTold/2 {
		return false
	}
	l.told = now
	return true
}
