package ingest

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// beat is how far apart the deadlines are. A publish may take up to two of them longer.
const beat = 20 * time.Millisecond

// deadlines gives publishes their deadlines. Those that end in the same beat share one
// timer: at thousands of events a second, a timer for each costs more than what it
// guards. It is safe for concurrent use.
type deadlines struct {
	began time.Time // what beats are counted from: a clock that is set moves none
	mu    sync.Mutex
	beats map[int64]ending
	full  int // how many beats there are when those that are over are looked for again
}

// ending is the end of a beat.
type ending struct {
	ctx    context.Context //nolint:containedctx // it belongs to many requests
	cancel context.CancelFunc
}

func newDeadlines() *deadlines { return &deadlines{began: time.Now(), beats: map[int64]ending{}} }

// within returns a context with the span of ctx, which ends at the deadline and not
// before, even if ctx does.
func (d *deadlines) within(ctx context.Context, deadline time.Time) context.Context {
	end := d.at(deadline)
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() {
		return trace.ContextWithSpan(end, span)
	}
	return end
}

// at returns what ends within two beats after the time.
func (d *deadlines) at(t time.Time) context.Context {
	n := int64(t.Sub(d.began) / beat)
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, there := d.beats[n]; there && e.ctx.Err() == nil {
		return e.ctx
	}
	if len(d.beats) >= d.full {
		d.sweep()
	}
	ctx, cancel := context.WithDeadline(context.Background(), t.Add(beat))
	d.beats[n] = ending{ctx, cancel}
	return ctx
}

// fewBeats are not worth a look.
const fewBeats = 64

// sweep forgets the beats that are over. It comes again when there are twice as many as
// are left, so that it takes next to nothing for each.
func (d *deadlines) sweep() {
	for n, e := range d.beats {
		if e.ctx.Err() != nil {
			e.cancel()
			delete(d.beats, n)
		}
	}
	d.full = max(2*len(d.beats), fewBeats)
}
