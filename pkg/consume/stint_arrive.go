package consume

import (
	"context"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
)

// greet publishes what tells the active process that it is, and the signal that is awaited.
func (s *stint) greet() {
	s.send(s.queue, s.id)
	if s.waits != nil && s.stage < loaded {
		s.expect()
	}
}

// expect publishes a new signal to the parked queue, and awaits it.
func (s *stint) expect() {
	s.signal = event.NewID()
	s.send(s.parked, s.signal)
}

func (s *stint) send(queue, text string) {
	p := signal(queue, text)
	s.tasks.start(func(ctx context.Context) error {
		return s.route.insist(ctx, func(ctx context.Context) error { return s.route.publisher.Publish(ctx, p) }, isHopelessPublish)
	}, func(err error) {
		if err != nil {
			s.fail(err)
		}
	})
}

// fromWork takes what the partition's own queue delivers. The first delivery tells that
// this process is the active one.
func (s *stint) fromWork(ctx context.Context, j job, ok bool) {
	if !ok {
		s.fail(errFeedLost)
		return
	}
	if s.waits == nil && !s.begin(ctx) {
		return
	}
	if j.message.Text(headerSignal) != "" {
		if s.token != nil {
			s.acknowledge(s.token)
		}
		s.token = &j // held: should the process die, the next active one gets it at once
		return
	}
	i := s.route.newItem(j)
	i.place, i.by = 0, ""
	l := s.lane(i.key)
	l.fresh = append(l.fresh, i)
	s.step(i.key)
}

// begin opens the parked queue.
func (s *stint) begin(ctx context.Context) bool {
	waits, err := s.partition.waits(ctx, mostParked+mostWindow+spare)
	if err != nil {
		s.fail(err)
		return false
	}
	s.waits = waits
	s.route.metrics.ordered.active(ctx, 1)
	s.expect()
	return true
}

// fromParked takes what the parked queue delivers.
func (s *stint) fromParked(j job, ok bool) {
	if !ok {
		s.fail(errFeedLost)
		return
	}
	text := j.message.Text(headerSignal)
	switch {
	case text != "":
		s.acknowledge(&j)
		if text == s.signal {
			s.advance()
		}
	case s.stage < loaded:
		s.load(s.route.newItem(j))
	default:
		s.returned(s.route.newItem(j))
	}
}

// advance enters the next stage of loading, or begins to work.
func (s *stint) advance() {
	if s.stage++; s.stage < loaded {
		s.expect()
		return
	}
	s.signal = ""
	s.route.options.Log.Debug("partition begins", zap.Int("partition", s.number), zap.Int("parked", s.count))
	s.stepAll()
}

func (s *stint) stepAll() {
	for key := range s.lanes {
		s.step(key)
	}
}

func (s *stint) load(i *item) {
	s.place = max(s.place, i.place)
	l := s.lane(i.key)
	before := len(l.parked)
	if surplus := l.load(i); surplus != nil {
		s.acknowledge(surplus)
	}
	if len(l.parked) > before {
		s.hold(i, 1)
	}
}

// returned takes a copy that came while the stint works. One that an older session
// parked, too late to count, is left unacknowledged until the session ends: were it gone,
// and one behind it not, whoever loads them next would see another order.
func (s *stint) returned(i *item) {
	if i.by != s.id {
		return
	}
	l := s.lane(i.key)
	if surplus := l.arrive(i); surplus != nil {
		s.acknowledge(surplus)
	}
	s.step(i.key)
}

func (s *stint) acknowledge(j *job) {
	if err := j.Ack(); err != nil {
		s.fail(err)
	}
}

func (s *stint) lane(key string) *lane {
	l := s.lanes[key]
	if l == nil {
		l = new(lane)
		s.lanes[key] = l
	}
	return l
}

// hold counts an item in among the parked ones, or out.
func (s *stint) hold(i *item, n int) {
	s.count += n
	s.bytes += n * i.size()
	s.route.metrics.ordered.hold(s.tasks.ctx, n)
	s.fill(s.count >= mostParked || s.bytes >= s.mostBytes())
}

// fill notes whether there is room for more parked ones.
func (s *stint) fill(full bool) {
	if s.full == full {
		return
	}
	s.full = full
	s.route.metrics.ordered.fill(s.tasks.ctx, full)
	if full {
		s.route.options.Log.Warn("a partition is full of events that wait behind failing ones of their keys; it takes new events of these keys only as they are delivered",
			zap.Int("partition", s.number), zap.Int("events", s.count), zap.Int("bytes", s.bytes))
	} else {
		s.route.options.Log.Info("a partition has room again", zap.Int("partition", s.number))
		s.tasks.start(func(context.Context) error { return nil }, func(error) { s.stepAll() })
	}
}
