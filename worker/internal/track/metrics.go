package track

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/worker/internal/store"
)

// metrics are what a tracker counts. Its only label is the stream.
type metrics struct {
	entries    metric.Int64Counter
	unreadable metric.Int64Counter
	gaps       metric.Int64Counter
	batches    metric.Float64Histogram
	deleted    metric.Int64Counter

	mu     sync.Mutex
	newest map[string]time.Time // when what was read last was published
}

func newMetrics(m metric.Meter, active func() bool) (*metrics, error) {
	out := &metrics{newest: map[string]time.Time{}}
	var errs [7]error
	out.entries, errs[0] = m.Int64Counter("penstock.tracker.records",
		metric.WithDescription("Records that were stored, by the stream that they came from."))
	out.unreadable, errs[1] = m.Int64Counter("penstock.tracker.malformed",
		metric.WithDescription("Entries of a stream that could not be read and were skipped."))
	out.gaps, errs[2] = m.Int64Counter("penstock.tracker.gaps",
		metric.WithDescription("Stretches of a stream that were gone before they were read."))
	out.batches, errs[3] = m.Float64Histogram("penstock.tracker.batch.duration", metric.WithUnit("s"),
		metric.WithDescription("Time that the store took for a batch."),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10))
	out.deleted, errs[4] = m.Int64Counter("penstock.tracker.deleted",
		metric.WithDescription("Events that were deleted because of their age."))
	_, errs[5] = m.Int64ObservableGauge("penstock.tracker.active",
		metric.WithDescription("1 while this tracker writes to the store, 0 while another one does."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(map[bool]int64{true: 1}[active()])
			return nil
		}))
	_, errs[6] = m.Float64ObservableGauge("penstock.tracker.newest.age", metric.WithUnit("s"),
		metric.WithDescription("Time since the newest entry that was read was published, by stream. It grows while a stream is quiet, too."),
		metric.WithFloat64Callback(out.observeAge))
	return out, errors.Join(errs[:]...)
}

func (m *metrics) observeAge(_ context.Context, o metric.Float64Observer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for stream, at := range m.newest {
		o.Observe(max(time.Since(at).Seconds(), 0), metric.WithAttributes(label(stream)))
	}
	return nil
}

// read notes an entry that was taken into a batch.
func (m *metrics) read(e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.newest[e.stream] = e.at
}

func (m *metrics) stored(ctx context.Context, b *store.Batch, took time.Duration) {
	m.batches.Record(ctx, took.Seconds())
	m.entries.Add(ctx, int64(len(b.Accepted)), metric.WithAttributes(label("penstock.archive")))
	m.entries.Add(ctx, int64(len(b.Records)), metric.WithAttributes(label("penstock.status")))
	for _, g := range b.Gaps {
		m.gaps.Add(ctx, 1, metric.WithAttributes(label(g.Stream)))
	}
}

func (m *metrics) malformed(ctx context.Context, stream string) {
	m.unreadable.Add(ctx, 1, metric.WithAttributes(label(stream)))
}

func (m *metrics) pruned(ctx context.Context, n int) { m.deleted.Add(ctx, int64(n)) }

func label(stream string) attribute.KeyValue { return attribute.String("stream", stream) }
