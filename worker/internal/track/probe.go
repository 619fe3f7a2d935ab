package track

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// How long a look into a stream waits: for a first entry, and for more after one.
const (
	probeWait  = 5 * time.Second
	probeQuiet = time.Second
)

// watch looks, while nothing comes, whether the stream was deleted and declared anew.
// A reader that waits at an offset that the new stream does not have would wait on.
func (r *reader) watch(ctx context.Context, replaced context.CancelCauseFunc, ready func() error) {
	ticks := time.NewTicker(r.idle)
	defer ticks.Stop()
	for last := -1; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		r.mu.Lock()
		at, count := r.at, r.count
		r.mu.Unlock()
		if count == last && at.Next > 0 && ready() == nil && !r.holds(ctx, at.Next-1, at.LastID) {
			replaced(errReplaced)
			return
		}
		last = count
	}
}

// holds reports whether the stream's end is consistent with an entry that was read. An
// empty stream is: it may be that a node has not caught up.
func (r *reader) holds(ctx context.Context, offset int64, id string) bool {
	consistent := true
	r.look(ctx, "last", func(d *amqpx.Delivery) (more bool) {
		consistent = d.Offset > offset || d.Offset == offset && d.Message.ID == id
		return d.Offset < offset
	})
	return consistent || ctx.Err() != nil
}

// truncated reports whether the stream begins behind an offset. Otherwise a jump is
// harmless: some offsets belong to the broker's own entries.
func (r *reader) truncated(ctx context.Context, offset int64) bool {
	gone := false
	r.look(ctx, "first", func(d *amqpx.Delivery) (more bool) {
		gone = d.Offset > offset
		return false
	})
	return gone
}

// look shows entries of the stream, from a place on, until use wants no more, or there
// are no more.
func (r *reader) look(ctx context.Context, from string, use func(*amqpx.Delivery) (more bool)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := time.AfterFunc(probeWait, cancel)
	defer wait.Stop()
	_ = r.consumer.Subscribe(amqpx.Subscription{ // its end is ours
		Queue: r.stream, Prefetch: prefetch, Ordered: true, Drain: time.Second, Args: offset(from),
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			if ctx.Err() != nil {
				return
			}
			wait.Reset(probeQuiet)
			_ = d.Ack()
			if !use(d) {
				cancel()
			}
		},
	}).Run(ctx)
}
