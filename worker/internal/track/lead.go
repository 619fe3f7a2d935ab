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
	readers := []*reader{t.reader(topology.Status, positions[topology.Status], told, entries)}
	if t.options.Archive {
		readers = append(readers, t.reader(topology.Archive, positions[topology.Archive], archived, entries))
	}
	t.setReaders(readers...)
	defer t.setReaders()
	for _, r := range readers {
		working.Go(func() { failures <- r.run(ctx); cancel() })
	}
	working.Go(func() { t.reader(topology.Status, store.Position{}, nil, nil).survey(ctx) })
	working.Go(func() { t.retain(ctx) })
	w := writer{tracker: t, entries: entries, positions: positions}
	err = w.run(ctx)
	select {
	case failure := <-failures:
		return errors.Join(err, failure)
	default:
		return err
	}
}

func (t *Tracker) reader(stream string, at store.Position, parse func(*amqpx.Delivery, *entry) error, out chan<- entry) *reader {
	return &reader{
		stream: stream, at: at, parse: parse, out: out, idle: t.options.Idle,
		consumer: t.options.Consumer, metrics: t.metrics, log: t.log,
	}
}
