package consume

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/view"
)

// sequenceAhead is how many events are on their way to the partitions at once.
const sequenceAhead = 64

// sequencer takes an ordered route's events on to the partitions of their keys. One in all
// processes is active. An event is published only after the one before it of its key was
// confirmed; when that cannot be, the session ends, and all begins again with the
// events that are not acknowledged: some come twice, none overtakes another.
type sequencer struct {
	route *Route
	open  opener
}

// session sequences until ctx ends, its time is up, or something fails.
func (q *sequencer) session(ctx context.Context) error {
	in, err := q.open(ctx, q.route.window(sequenceAhead))
	if err != nil {
		return err
	}
	defer in.Close()
	s := &sequence{route: q.route, tasks: newTasks(ctx), last: map[ordering.Key]chan bool{}}
	defer s.tasks.end(q.route.options.DrainTimeout)
	age := time.NewTimer(lifetime())
	defer age.Stop()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-age.C:
			return nil
		case f := <-s.tasks.posted:
			f()
		case j, ok := <-in.Jobs():
			if !ok {
				return errFeedLost
			}
			s.take(ctx, j)
		}
	}
	return s.err
}

// sequence is the state of one session.
type sequence struct {
	route *Route
	tasks *tasks
	last  map[ordering.Key]chan bool // gets whether the newest event of the key was published
	err   error
}

func (s *sequence) take(ctx context.Context, j job) {
	if isWaiting(j.message) {
		s.tasks.start(func(ctx context.Context) error { return s.route.rebury(ctx, j) }, s.done)
		return
	}
	key, v := s.route.keyOf(ctx, j)
	if v.outcome == HandedBack { // it goes back with all that is not acknowledged
		s.done(v.err)
		return
	}
	drop := s.route.held.take(s.route.record(j.message, status.Held, verdict{}))
	do := func(ctx context.Context) error { return s.route.forward(ctx, j, key, v) }
	if key == ordering.None {
		s.tasks.start(dropping(drop, do), s.done)
		return
	}
	before, after := s.last[key], make(chan bool, 1)
	s.last[key] = after
	s.tasks.start(dropping(drop, func(ctx context.Context) error {
		if before != nil && !<-before {
			after <- false
			return errOvertaking
		}
		err := do(ctx)
		after <- err == nil
		return err
	}), func(err error) {
		if s.last[key] == after {
			delete(s.last, key)
		}
		s.done(err)
	})
}

// dropping is do, after which the event is not held any more: it was taken on, or goes back.
func dropping(drop func(back bool, why string), do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := do(ctx)
		drop(err != nil, "")
		return err
	}
}

var errOvertaking = errors.New("the event before could not be published")

func (s *sequence) done(err error) {
	if s.err == nil {
		s.err = err
	}
}

// keyOf returns the key of a job, or what is to become of it instead.
func (r *Route) keyOf(ctx context.Context, j job) (ordering.Key, verdict) {
	e, err := decode(j.message)
	if err != nil {
		return ordering.None, malformed(err)
	}
	ctx, done := view.Share(ctx)
	defer done()
	v, stop := r.filter(ctx, e)
	if !stop {
		key, err := r.askKey(ctx, e)
		if err == nil {
			return key, verdict{}
		}
		v = undecided(ctx, fault.ReasonOrdering, err)
	}
	v.text = describeError(v.err, e)
	return ordering.None, v
}

func (r *Route) askKey(ctx context.Context, e *event.Event) (key ordering.Key, err error) {
	defer recovering(&err)
	return r.options.Key(ctx, e)
}

// forward takes a job on to its partition, or settles it.
func (r *Route) forward(ctx context.Context, j job, key ordering.Key, v verdict) error {
	if v.outcome != "" {
		r.metrics.record(ctx, v, 0)
		r.log(j.message, v)
		return r.conclude(ctx, j, v)
	}
	return r.move(ctx, j, r.sequenced(j.message, key))
}

// sequenced is the message as the partition gets it.
func (r *Route) sequenced(m *event.Message, key ordering.Key) amqpx.Publication {
	out := unordered(onward(m))
	spread := key
	if key == ordering.None {
		spread = ordering.NewKey(m.ID)
	} else {
		out.Headers[headerKey] = string(key)
	}
	return amqpx.Publication{Key: topology.PartitionQueue(r.options.Route, spread.Partition(r.options.Partitions)), Message: out}
}
