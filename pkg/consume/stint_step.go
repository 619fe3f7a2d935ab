package consume

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/fault"
)

// step does in a lane what can be done now: it parks what comes behind a parked one, and
// attempts the first one when that is due.
func (s *stint) step(key string) {
	l := s.lanes[key]
	if s.stage < loaded || l == nil {
		return
	}
	s.follow(key, l)
	s.try(key, l)
	if l.empty() && !l.parking {
		l.stop()
		delete(s.lanes, key)
	}
}

// follow parks the first of the fresh ones, if there are parked ones before it. One
// after the other: each is confirmed before the next one is published.
func (s *stint) follow(key string, l *lane) {
	for !l.parking && len(l.parked) > 0 && len(l.fresh) > 0 {
		i := l.fresh[0]
		if l.find(i.identity) != nil { // it is parked already
			l.drop(i)
			s.acknowledge(i.job)
			continue
		}
		if s.full {
			return
		}
		s.place++
		i.place, i.by = s.place, s.id
		j, p := *i.job, i.parked(s.parked)
		s.hold(i, 1)
		l.park()
		i.job, l.parking = nil, true
		s.tasks.start(func(ctx context.Context) error { return s.route.move(ctx, j, p) }, func(err error) {
			l.parking = false
			if err != nil {
				s.fail(err)
				return
			}
			s.step(key)
		})
	}
}

// try attempts the first event of the lane, if it is due.
func (s *stint) try(key string, l *lane) {
	i := l.head()
	if l.trying != nil || i == nil || i.job == nil {
		return
	}
	if wait := time.Until(i.due); wait > 0 && !s.isDropped(i) {
		s.wake(key, l, wait)
		return
	}
	l.trying = i
	if i.place == 0 { // should it fail, the place is before those that come behind it
		s.place++
		i.place = s.place
	}
	j, next := *i.job, *i
	next.by = s.id
	var v verdict
	s.tasks.start(func(ctx context.Context) (err error) {
		v, err = s.attempt(ctx, j, next)
		return err
	}, func(err error) {
		if err != nil {
			s.fail(err)
			return
		}
		s.tried(l, i, v)
		s.step(key)
	})
}

// attempt handles a job and settles it, unless it is to be tried again by this session.
func (s *stint) attempt(ctx context.Context, j job, next item) (verdict, error) {
	r := s.route
	defer r.metrics.begin(ctx)()
	started := time.Now()
	v, end := r.inTurn(ctx, j)
	defer end()
	r.metrics.record(ctx, v, time.Since(started))
	r.log(j.message, v)
	switch v.outcome {
	case HandedBack:
		return v, nil
	case Postponed:
		return v, r.tell(ctx, j.message, v)
	case Retrying:
		if err := r.tell(ctx, j.message, v); err != nil {
			return v, err
		}
		next.attempt++
		next.due = time.Now().Add(v.delay)
		err := r.move(ctx, j, next.parked(s.parked))
		r.tried.note(j.message, v, err)
		return v, err
	default:
		return v, r.conclude(ctx, j, v)
	}
}

// tried draws the consequences of an attempt.
func (s *stint) tried(l *lane, i *item, v verdict) {
	l.trying = nil
	early := l.early
	l.early = nil
	switch v.outcome {
	case HandedBack:
		i.due = time.Now().Add(s.route.pace.after(i.failures))
		i.failures++
	case Postponed:
		i.due = time.Now().Add(v.delay)
	case Retrying:
		if len(l.parked) == 0 || l.parked[0] != i { // it was a fresh one
			l.park()
			s.hold(i, 1)
		}
		i.attempt++
		i.failures, i.job, i.by, i.due = 0, nil, s.id, time.Now().Add(v.delay)
	default:
		if len(l.parked) > 0 && l.parked[0] == i {
			s.hold(i, -1)
		}
		l.drop(i)
	}
	for _, c := range early {
		if surplus := l.arrive(c); surplus != nil {
			s.acknowledge(surplus)
		}
	}
}

// stepDropped drops the first events of lanes whose rounds have ended, so that those behind
// them do not wait until the dropped ones are due.
func (s *stint) stepDropped() {
	for key, l := range s.lanes {
		if i := l.head(); i != nil && s.isDropped(i) {
			s.step(key)
		}
	}
}

func (s *stint) isDropped(i *item) bool {
	return s.route.options.Tombstones.IsDropped(Round{i.record.Event, i.record.Route, i.record.Replay})
}

// wake has the lane looked at again.
func (s *stint) wake(key string, l *lane, wait time.Duration) {
	l.stop()
	l.timer = time.AfterFunc(wait, func() { s.tasks.post(func() { s.step(key) }) })
}

// errReturned is why an event counts as failed that came back too often: it ends the
// process each time.
var errReturned = fault.Because(fault.ReasonDeliveryLimit, errors.New("it came back to its queue too often"))
