package ingest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/telemetry"
)

// steady is a publisher that is always ready.
type steady struct{ confirmed }

func (steady) Ready() error { return nil }

// BenchmarkMetrics serves one verified event without metrics, and with them as the
// gateway has them: tracing off, two readers, the publisher measured. What it costs more
// is to be compared with what a whole event costs; see make bench.
func BenchmarkMetrics(b *testing.B) {
	tel, err := telemetry.Start(b.Context(), "bench")
	require.NoError(b, err)
	b.Cleanup(func() { _ = tel.Close(context.WithoutCancel(b.Context())) })
	b.Run("without", func(b *testing.B) { benchmarkWith(b, metricnoop.Meter{}, steady{}) })
	b.Run("with", func(b *testing.B) {
		benchmarkWith(b, tel.Meter, observe.NewPublisher(steady{}, instrument.From(tel.Meter)))
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
