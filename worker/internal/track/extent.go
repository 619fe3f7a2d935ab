package track

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/topology"
)

// extentEvery is how often the tracker looks how far back the status stream goes.
const extentEvery = 15 * time.Second

// extent is when the oldest entry that the status stream still holds was published. The
// broker cuts the stream by its size, whether it was read or not. It is safe for concurrent
// use.
type extent struct {
	mu     sync.Mutex
	oldest time.Time // zero: not known
}

func (e *extent) set(at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.oldest = at
}

func (e *extent) observe(_ context.Context, observe instrument.Observation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.oldest.IsZero() {
		observe(max(time.Since(e.oldest).Seconds(), 0), label(topology.Status))
	}
}

// survey keeps the extent up to date until ctx is done.
func (r *reader) survey(ctx context.Context) {
	defer r.metrics.extent.set(time.Time{})
	ticks := time.NewTicker(extentEvery)
	defer ticks.Stop()
	for {
		r.look(ctx, "first", func(d *amqpx.Delivery) (more bool) {
			r.metrics.extent.set(d.Message.Timestamp)
			return false
		})
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}
