package share

import (
	"context"
	"maps"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// How long one announcement may take, and how long to wait before the exchange is listened to
// again.
const (
	sayTime     = 2 * time.Second
	listenAgain = time.Second
	hearAtOnce  = 100
)

// Publisher publishes announcements. *amqpx.Publisher is one.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a Sharer works with. All must be set.
type Options struct {
	Publisher Publisher
	Consumer  *amqpx.Consumer
	Look      func() []Limits                     // the destinations with limits that this process serves now
	Give      func(destination string, part Part) // is called for each of them, four times a second
	Log       *zap.Logger
}

// Sharer keeps a deliverer's parts of limits. One runs in a process.
type Sharer struct {
	Options

	id      string
	saying  sync.WaitGroup
	busy    chan struct{} // holds a value while an announcement is on its way
	number  uint64
	table   *table
	warned  bool
	serving bool          // a destination had a limit the last time
	serves  chan struct{} // closed when one has for the first time
}

// New makes a Sharer.
func New(o Options) *Sharer {
	return &Sharer{Options: o, id: event.NewID(), busy: make(chan struct{}, 1), serves: make(chan struct{})}
}

// Run keeps the parts until ctx is done, and then says that this deliverer has stopped. It is
// for when no attempt is made any more. While no destination has a limit it says nothing.
func (s *Sharer) Run(ctx context.Context) {
	s.table = newTable(s.id, time.Now())
	heard := make(chan *event.Message, hearAtOnce)
	var listening sync.WaitGroup
	listening.Go(func() { s.listen(ctx, heard) })
	ticks := time.NewTicker(announceEvery)
	defer ticks.Stop()
	for ctx.Err() == nil {
		select {
		case m := <-heard:
			s.hear(m)
		case <-ticks.C:
			s.step(ctx)
		case <-ctx.Done():
		}
	}
	listening.Wait()
	s.saying.Wait()
	if s.serving {
		s.say(context.WithoutCancel(ctx), announcement{Deliverer: s.id, Stops: true})
	}
}

// listen hands over what is heard, for as long as ctx lasts.
func (s *Sharer) listen(ctx context.Context, heard chan<- *event.Message) {
	select {
	case <-s.serves:
	case <-ctx.Done():
		return
	}
	follower, err := s.Consumer.Hear(topology.Peers, topology.PeerQueue(s.id))
	if err != nil {
		return // the consumer is closed
	}
	defer follower.Leave()
	for ctx.Err() == nil {
		if feed, err := follower.Open(ctx, hearAtOnce); err == nil {
			pass(ctx, feed, heard)
			feed.Close()
		}
		wait(ctx, listenAgain)
	}
}

// pass passes on what one feed brings.
func pass(ctx context.Context, feed *amqpx.Feed, heard chan<- *event.Message) {
	for {
		select {
		case d, ok := <-feed.Deliveries():
			if !ok {
				return
			}
			_ = d.Ack()
			select {
			case heard <- d.Message:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *Sharer) hear(m *event.Message) {
	if a, err := decode(m); err == nil {
		s.table.note(a, time.Now())
	}
}

// step announces, and gives each destination its part.
func (s *Sharer) step(ctx context.Context) {
	all := s.Look()
	if s.serve(len(all) > 0); !s.serving {
		return
	}
	inUse := make(map[string]int, len(all))
	for _, l := range all {
		inUse[l.Destination] = l.InUse
		s.Give(l.Destination, s.table.part(l, time.Now()))
	}
	s.announce(ctx, inUse)
	s.warn()
}

// serve notes whether there are destinations with limits.
func (s *Sharer) serve(serving bool) {
	if serving && !s.serving && s.table.heard.IsZero() {
		s.table.began = time.Now()
	}
	s.serving = serving
	select {
	case <-s.serves:
	default:
		if serving {
			close(s.serves)
		}
	}
}

// announce sends an announcement, unless the last one is still on its way.
func (s *Sharer) announce(ctx context.Context, inUse map[string]int) {
	select {
	case s.busy <- struct{}{}:
	default:
		return
	}
	s.number++
	s.table.sent[s.number] = time.Now()
	a := announcement{Deliverer: s.id, Number: s.number, InUse: maps.Clone(inUse)}
	s.saying.Go(func() {
		defer func() { <-s.busy }()
		s.say(ctx, a)
	})
}

func (s *Sharer) say(ctx context.Context, a announcement) {
	ctx, cancel := context.WithTimeout(ctx, sayTime)
	defer cancel()
	m, err := a.encode()
	if err == nil {
		err = s.Publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Peers, Message: m})
	}
	if err != nil {
		s.Log.Debug("the other deliverers were not told what this one uses", zap.Error(err))
	}
}

// warn says once that limits are not shared, and once that they are.
func (s *Sharer) warn() {
	alone := s.table.heard.IsZero() && time.Since(s.table.began) > patience
	if alone == s.warned {
		return
	}
	s.warned = alone
	if alone {
		s.Log.Warn("each deliverer uses the whole limits of destinations: this one does not hear what it publishes to penstock.peers; see the rights in docs/deploying.md, and declare the topology again")
		return
	}
	s.Log.Info("limits of destinations are shared with the other deliverers")
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
