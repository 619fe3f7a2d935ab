package track

import (
	"context"
	"errors"
	"sync"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// buffered is how many entries wait for the writer. They hold no bodies.
const buffered = 4096

// lead reads the streams from where the store stands, and stores what they say.
func (t *Tracker) lead(ctx context.Context) error {
	positions, err := t.store.Positions(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	entries := make(chan entry, buffered)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	failures := make(chan error, 2)
	feeds := t.open(positions, entries)
	t.setFeeds(feeds...)
	defer t.setFeeds()
	for _, f := range feeds {
		working.Go(func() { failures <- f.run(ctx); cancel() })
	}
	if !t.options.NoStreams {
		working.Go(func() { t.reader(topology.Status, store.Position{}, nil, nil).survey(ctx) })
	}
	working.Go(func() { t.retain(ctx) })
	w := writer{tracker: t, entries: entries, positions: positions, recent: parseRecent(positions[topology.Status])}
	err = w.run(ctx)
	select {
	case failure := <-failures:
		return errors.Join(err, failure)
	default:
		return err
	}
}

// feed hands on what it reads from one stream or queue, in order.
type feed interface {
	name() string
	run(ctx context.Context) error
	// isReading returns nil while it gets what is there.
	isReading() error
}

// open makes the feeds of everything that is to be read.
func (t *Tracker) open(positions map[string]store.Position, out chan<- entry) []feed {
	if t.options.NoStreams {
		return []feed{&queueReader{consumer: t.options.Consumer, parse: told(), out: out, metrics: t.metrics, log: t.log}}
	}
	feeds := []feed{t.reader(topology.Status, positions[topology.Status], told(), out)}
	if t.options.Archive {
		feeds = append(feeds, t.reader(topology.Archive, positions[topology.Archive], archived(), out))
	}
	return feeds
}

func (t *Tracker) reader(stream string, at store.Position, parse func(*amqpx.Delivery, *entry) error, out chan<- entry) *reader {
	return &reader{
		stream: stream, at: at, parse: parse, out: out, idle: t.options.Idle,
		consumer: t.options.Consumer, metrics: t.metrics, log: t.log,
	}
}
