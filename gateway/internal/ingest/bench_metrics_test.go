package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/telemetry"
)

// measured is a publisher that is measured as the gateway's is.
type measured struct {
	confirmed

	durations *observe.Durations
}

func (m measured) Publish(ctx context.Context, e fanout.Event) error {
	began := time.Now()
	err := m.confirmed.Publish(ctx, e)
	m.durations.Record(ctx, "penstock.routes", began, err)
	return err
}

// BenchmarkMetrics serves one verified event without metrics, and with them as the
// gateway has them: tracing off, two readers, the publisher measured. What it costs more
// is to be compared with what a whole event costs; see make bench.
func BenchmarkMetrics(b *testing.B) {
	tel, err := telemetry.Start(b.Context(), "bench")
	require.NoError(b, err)
	b.Cleanup(func() { _ = tel.Close(context.WithoutCancel(b.Context())) })
	b.Run("without", func(b *testing.B) { benchmarkWith(b, metricnoop.Meter{}, confirmed{}) })
	b.Run("with", func(b *testing.B) {
		benchmarkWith(b, tel.Meter, measured{durations: observe.NewDurations(instrument.From(tel.Meter))})
	})
}

func benchmarkWith(b *testing.B, meter metric.Meter, publisher ingest.Publisher) {
	b.Helper()
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	metrics, err := ingest.NewMetrics(meter, limits)
	require.NoError(b, err)
	withMetrics := func(o *ingest.Options) { o.Metrics = metrics }
	benchmarkServe(b, setupWhole(b, githubSource, limits, publisher, zap.NewNop(), withMetrics))
}
