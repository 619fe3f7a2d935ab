package track

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// queuePrefetch is how many messages of the queue are not acknowledged: those of some
// batches.
const queuePrefetch = 256

// queueReader consumes the status records where a queue takes the place of their stream. A
// message is acknowledged once it is stored. When that is cut short, it comes again, before
// everything later, and the writer recognises it.
type queueReader struct {
	consumer *amqpx.Consumer
	parse    func(*amqpx.Delivery, *entry) error
	out      chan<- entry
	metrics  *metrics
	log      *zap.Logger

	mu    sync.Mutex
	ready func() error // nil before run
}

func (*queueReader) name() string { return topology.Status }

func (q *queueReader) isReading() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ready == nil {
		return errors.New("reading has not begun")
	}
	return q.ready()
}

// run consumes until ctx is done.
func (q *queueReader) run(ctx context.Context) error {
	follower, err := q.consumer.Follow(topology.Status)
	if err != nil {
		return err
	}
	defer follower.Leave()
	q.mu.Lock()
	q.ready = follower.Ready
	q.mu.Unlock()
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		feed, err := follower.Open(ctx, queuePrefetch)
		if err == nil {
			pause = firstPause
			q.pass(ctx, feed.Deliveries())
			feed.Close()
			continue
		}
		q.log.Warn("not consuming status records", zap.Error(err), zap.Duration("wait", pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// pass hands on deliveries until there are no more, or ctx is done.
func (q *queueReader) pass(ctx context.Context, deliveries <-chan *amqpx.Delivery) {
	for {
		select {
		case d, ok := <-deliveries:
			if !ok || !q.take(ctx, d) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (q *queueReader) take(ctx context.Context, d *amqpx.Delivery) bool {
	e := entry{stream: topology.Status, id: d.Message.ID, at: d.Message.Timestamp, delivery: d}
	if err := q.parse(d, &e); err != nil {
		q.metrics.malformed(ctx, e.stream)
		q.log.Warn("skipping what cannot be read", zap.String("queue", e.stream), zap.Error(err))
	}
	select {
	case q.out <- e:
		return true
	case <-ctx.Done():
		return false
	}
}

// count adds what a message of the queue says to the batch, unless it was stored before. It
// returns the position that this leads to: how many messages there were, and the recent ones.
func (w *writer) count(b *store.Batch, e *entry) store.Position {
	if w.recent.add(e.id) {
		w.add(b, e)
	}
	return w.recent.position()
}

// acknowledge acknowledges what came from a queue and is stored. When that fails the channel
// is gone, and the message comes again.
func acknowledge(entries []entry) {
	for i := range entries {
		if d := entries[i].delivery; d != nil {
			_ = d.Ack()
		}
	}
}
