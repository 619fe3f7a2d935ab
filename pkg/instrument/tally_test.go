package instrument_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/penstock/penstock/pkg/instrument"
)

func TestATallyCountsByItsLabels(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	maker := instrument.From(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"))
	received := maker.Tally("penstock.received")
	require.NoError(t, maker.Err())
	github, shop := attribute.String("source", "github"), attribute.String("source", "shop")
	received.Of(shop)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			count := received.Of(github)
			for range 1000 {
				count.Add(1)
			}
		})
	}
	all.Wait()

	var read metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(context.Background(), &read))
	sum, ok := read.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	require.True(t, ok)
	require.True(t, sum.IsMonotonic)
	values := map[string]int64{}
	for _, p := range sum.DataPoints {
		source, _ := p.Attributes.Value("source")
		values[source.AsString()] = p.Value
	}
	require.Equal(t, map[string]int64{"github": 8000, "shop": 0}, values)
}

func TestATallyOfSomethingElseThanACounterIsAnError(t *testing.T) {
	t.Parallel()
	maker := instrument.From(sdkmetric.NewMeterProvider().Meter("test"))
	maker.Tally("penstock.ack.duration")
	require.ErrorContains(t, maker.Err(), "penstock.ack.duration")
}

func TestCountsAreThoseOfTheTally(t *testing.T) {
	t.Parallel()
	maker := instrument.From(sdkmetric.NewMeterProvider().Meter("test"))
	tally := maker.Tally("penstock.verified")
	counts := instrument.NewCounts(tally, func(key string) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("key", key)}
	})
	var all sync.WaitGroup
	got := make([]*instrument.Count, 8)
	for i := range got {
		all.Go(func() { got[i] = counts.Of("0") })
	}
	all.Wait()
	for _, c := range got {
		require.Same(t, tally.Of(attribute.String("key", "0")), c)
	}
	require.NotSame(t, got[0], counts.Of("1"))
}
