package returns

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/memory"
	"github.com/penstock/penstock/pkg/topology"
)

// How long a session lasts, more or less: with each, a forgotten queue and the size of the
// messages are looked at anew. And how long to wait when none can be opened.
const (
	sessionTime  = time.Minute
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// memoryShare is the part of the process's memory that returns may take.
const memoryShare = 0.05

// Publisher is what messages are published through. *amqpx.Publisher is one.
type Publisher interface {
	fanout.Publisher
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a Mover works with. All but Bytes must be set.
type Options struct {
	Broker    amqpx.Config // of the connections on which a queue is probed
	Publisher Publisher
	Consumer  *amqpx.Consumer
	Recorder  Recorder    // gets which events are held although they are due
	Doubt     func(error) // is called with each answer that something is gone
	Bytes     int64       // bounds the messages in the process; 0: a twentieth of its memory
	Meter     metric.Meter
	Log       *zap.Logger
}

// Mover moves messages. Any number of them may run, in any processes.
type Mover struct {
	options Options
	fanout  *fanout.Fanout
	metrics *metrics
	hands   hands
	largest int64 // the largest message of the last session, in bytes
}

// New makes a mover. It fails when its metrics cannot be made.
func New(o Options) (*Mover, error) {
	o.Bytes = cmp.Or(o.Bytes, memory.Share(memoryShare))
	f, err := fanout.New(fanout.Options{
		Publisher: o.Publisher, Doubt: o.Doubt, Meter: o.Meter, Log: o.Log,
		Probe: func(ctx context.Context, p amqpx.Publication, goesOn func()) error {
			return amqpx.PublishAlone(ctx, o.Broker, p, goesOn)
		},
	})
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Meter)
	if err != nil {
		return nil, fmt.Errorf("make the metrics of returns: %w", err)
	}
	return &Mover{options: o, fanout: f, metrics: m}, nil
}

// Run moves what there is until ctx is done, and returns when what it has in hand is moved:
// in a few seconds, unless the broker is silent. Losing the connection or the queue does not
// end it.
func (m *Mover) Run(ctx context.Context) {
	var ending sync.WaitGroup
	defer func() {
		ending.Wait()
		_ = m.fanout.Close(ctx)
	}()
	follower, err := m.options.Consumer.Follow(topology.Return)
	if err != nil {
		return // the consumer is closed
	}
	defer follower.Leave()
	defer ending.Wait()
	for failures := 0; ctx.Err() == nil; failures++ {
		began := time.Now()
		s, err := m.open(ctx, follower)
		if err == nil {
			s.run(ctx, lifetime())
			ending.Go(s.end)
			m.largest = s.largest
		} else if powerOfTwo(failures+1) && ctx.Err() == nil {
			m.options.Log.Warn("messages that have waited cannot be taken", zap.String("queue", topology.Return), zap.Error(err))
		}
		if err == nil && time.Since(began) > longestPause {
			failures = -1
			continue
		}
		_ = pause(ctx, min(firstPause<<min(failures, 10), longestPause))
	}
}

// open begins a session.
func (m *Mover) open(ctx context.Context, follower *amqpx.Follower) (*session, error) {
	window := windowFor(m.options.Bytes, m.largest)
	feed, err := follower.Open(ctx, window)
	if err != nil {
		return nil, err
	}
	return newSession(m, feed, window), nil
}

func lifetime() time.Duration {
	return sessionTime - rand.N(sessionTime/5) //nolint:gosec // only to spread processes over time
}

func powerOfTwo(n int) bool { return n&(n-1) == 0 }

// pause waits so long, or until ctx is done, whose error it returns then.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
