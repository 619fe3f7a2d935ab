package track

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/worker/internal/store"
)

// prefetch is how many entries of a stream are on their way from the broker. It is
// small, because an entry of the archive may be large.
const prefetch = 64

// errReplaced means that the stream is not the one that was read before.
var errReplaced = errors.New("the stream was replaced by a new one")

// reader follows one stream, from the position that the store has, and hands on what it
// reads in order.
type reader struct {
	stream   string
	consumer *amqpx.Consumer
	parse    func(*amqpx.Delivery, *entry) error
	out      chan<- entry
	metrics  *metrics
	log      *zap.Logger
	idle     time.Duration // without an entry, until it looks whether the stream was replaced

	mu    sync.Mutex
	at    store.Position // behind the last entry that was handed on
	count int            // of entries that came
	gap   *store.Gap     // to be handed on with the next entry
	ready func() error   // whether the stream is being read; nil before it is
}

// run follows the stream until ctx is done.
func (r *reader) run(ctx context.Context) error {
	for {
		err := r.follow(ctx)
		if !errors.Is(err, errReplaced) {
			return err
		}
		r.log.Warn("reading the new stream from its beginning", zap.String("stream", r.stream))
		r.gap = &store.Gap{Stream: r.stream, From: r.at.Next, Reason: "replaced", At: time.Now()}
		r.at = store.Position{}
	}
}

// follow reads until ctx is done, or the stream proves to be another one.
func (r *reader) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var from any = "first"
	if r.at.Next > 0 {
		from = r.at.Next - 1 // the last one again, to see that it is there
	}
	subscriber := r.consumer.Subscribe(amqpx.Subscription{
		Queue: r.stream, Prefetch: prefetch, Ordered: true, Overlap: 1, Drain: time.Second, Args: offset(from),
		Handle: func(_ context.Context, d *amqpx.Delivery) { r.take(ctx, cancel, d) },
	})
	r.mu.Lock()
	r.ready = subscriber.Ready
	r.mu.Unlock()
	var watching sync.WaitGroup
	watching.Go(func() { r.watch(ctx, cancel, subscriber.Ready) })
	err := subscriber.Run(ctx)
	cancel(nil)
	watching.Wait()
	if errors.Is(context.Cause(ctx), errReplaced) {
		return errReplaced
	}
	return err
}

// take hands an entry on and then acknowledges it, which is what makes room for others.
func (r *reader) take(ctx context.Context, replaced context.CancelCauseFunc, d *amqpx.Delivery) {
	e := entry{stream: r.stream, offset: d.Offset, id: d.Message.ID, at: d.Message.Timestamp}
	at := r.note()
	switch {
	case at.Next == 0:
	case d.Offset == at.Next-1 && e.id == at.LastID: // the last one again
		_ = d.Ack()
		return
	case d.Offset < at.Next:
		replaced(errReplaced)
		return
	case d.Offset > at.Next && r.truncated(ctx, at.Next):
		r.gap = &store.Gap{Stream: r.stream, From: at.Next, Reason: "truncated", At: time.Now()}
	}
	if err := r.parse(d, &e); err != nil {
		r.metrics.malformed(ctx, r.stream)
		r.log.Warn("skipping what cannot be read", zap.String("stream", r.stream), zap.Int64("offset", d.Offset), zap.Error(err))
	}
	if e.gap = r.gap; e.gap != nil {
		e.gap.To = d.Offset
	}
	select {
	case r.out <- e:
	case <-ctx.Done():
		return
	}
	r.gap = nil
	r.move(store.Position{Next: d.Offset + 1, LastID: e.id})
	_ = d.Ack() // when that fails the channel is gone, and reading resumes on another
}

// note counts an entry, and returns the position.
func (r *reader) note() store.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	return r.at
}

func (r *reader) move(to store.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = to
}

func offset(from any) map[string]any { return map[string]any{"x-stream-offset": from} }
