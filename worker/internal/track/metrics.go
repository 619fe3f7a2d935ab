package track

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// metrics are what a tracker counts. Its only label is the stream.
type metrics struct {
	entries    metric.Int64Counter
	unreadable metric.Int64Counter
	gaps       metric.Int64Counter
	batches    metric.Float64Histogram
	deleted    metric.Int64Counter
	lag        *lag
	extent     extent

	mu     sync.Mutex
	newest map[string]time.Time // when what was read last was published
}

func newMetrics(m metric.Meter, active func() bool) (*metrics, error) {
	maker := instrument.From(m)
	out := &metrics{
		newest:     map[string]time.Time{},
		lag:        newLag(),
		entries:    maker.Counter("penstock.tracker.records"),
		unreadable: maker.Counter("penstock.tracker.malformed"),
		gaps:       maker.Counter("penstock.tracker.gaps"),
		batches:    maker.Histogram("penstock.tracker.batch.duration"),
		deleted:    maker.Counter("penstock.tracker.deleted"),
	}
	maker.Observe("penstock.tracker.active", func(_ context.Context, observe instrument.Observation) {
		observe(map[bool]float64{true: 1}[active()])
	})
	maker.Observe("penstock.tracker.newest.age", out.observeAge)
	maker.Observe("penstock.tracker.lag", out.lag.observe)
	maker.Observe("penstock.tracker.stream.age", out.extent.observe)
	return out, maker.Err()
}

// begin lets the counters begin at 0, so that the first of something shows as an
// increase.
func (m *metrics) begin(ctx context.Context) {
	for _, stream := range []string{topology.Archive, topology.Status} {
		for _, c := range []metric.Int64Counter{m.entries, m.unreadable, m.gaps} {
			c.Add(ctx, 0, metric.WithAttributes(label(stream)))
		}
	}
	m.deleted.Add(ctx, 0)
}

func (m *metrics) observeAge(_ context.Context, observe instrument.Observation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for stream, at := range m.newest {
		observe(max(time.Since(at).Seconds(), 0), label(stream))
	}
}

// read notes an entry that was taken into a batch.
func (m *metrics) read(e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.newest[e.stream] = e.at
	m.lag.read(e.stream, e.at)
}

func (m *metrics) stored(ctx context.Context, b *store.Batch, took time.Duration) {
	m.lag.stored()
	m.batches.Record(ctx, took.Seconds())
	m.entries.Add(ctx, int64(len(b.Accepted)), metric.WithAttributes(label(topology.Archive)))
	m.entries.Add(ctx, int64(len(b.Records)), metric.WithAttributes(label(topology.Status)))
	for _, g := range b.Gaps {
		m.gaps.Add(ctx, 1, metric.WithAttributes(label(g.Stream)))
	}
}

func (m *metrics) malformed(ctx context.Context, stream string) {
	m.unreadable.Add(ctx, 1, metric.WithAttributes(label(stream)))
}

func (m *metrics) pruned(ctx context.Context, n int) { m.deleted.Add(ctx, int64(n)) }

func label(stream string) attribute.KeyValue { return attribute.String("stream", stream) }
