package track_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

// gauges returns the values of a gauge by the route or the stream.
func gauges(t *testing.T, reader *sdkmetric.ManualReader, name string) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	values := map[string]float64{}
	for _, one := range all.ScopeMetrics[0].Metrics {
		if gauge, ok := one.Data.(metricdata.Gauge[float64]); ok && one.Name == name {
			for _, p := range gauge.DataPoints {
				route, _ := p.Attributes.Value(attribute.Key("route"))
				stream, _ := p.Attributes.Value(attribute.Key("stream"))
				values[route.AsString()+stream.AsString()] = p.Value
			}
		}
	}
	return values
}

func TestTheMetricsTellHowItStandsWithEachRoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.open(t)
	reader := sdkmetric.NewManualReader()
	b.measured(t, s, time.Minute, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"))
	waiting := b.accept(t, "shop", "order.paid", []byte("{}"))
	dead := b.accept(t, "shop", "order.lost", []byte("{}"))
	b.tell(t,
		status.Record{Kind: status.Delivered, Event: waiting, Source: "shop", Route: "all", Attempt: 1},
		status.Record{Kind: status.Delivered, Event: dead, Source: "shop", Route: "all", Attempt: 1},
		status.Record{Kind: status.Dead, Event: dead, Source: "shop", Route: "billing", Attempt: 1})
	b.eventually(t, waiting, storetest.Archived)
	b.eventually(t, dead, storetest.In("billing", store.Dead))
	require.Eventually(t, func() bool { return gauges(t, reader, "penstock.backlog.events")["billing"] == 1 }, time.Minute, 20*time.Millisecond)
	require.Equal(t, map[string]float64{"billing": 1, "all": 0}, gauges(t, reader, "penstock.backlog.events"))
	require.Equal(t, map[string]float64{"billing": 1, "all": 0}, gauges(t, reader, "penstock.dead.events"))
	age := gauges(t, reader, "penstock.oldest_waiting.age")
	require.Positive(t, age["billing"])
	require.Zero(t, age["all"])
	require.Len(t, gauges(t, reader, "penstock.tracker.lag"), 2, "one for each stream")
}
