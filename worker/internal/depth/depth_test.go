package depth_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/depth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broker is a fake one. A queue that it does not have is gone.
type broker struct {
	mu     sync.Mutex
	queues map[string]amqpx.QueueState
	failed error
}

func (b *broker) Inspect(_ context.Context, queue string) (amqpx.QueueState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state, there := b.queues[queue]
	if b.failed == nil && !there {
		return state, amqpx.ErrNoQueue
	}
	return state, b.failed
}

func (b *broker) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = err
}

// values are those of a gauge, by its only label.
func values(t *testing.T, reader *sdkmetric.ManualReader, name, label string) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	out := map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, one := range scope.Metrics {
			if gauge, ok := one.Data.(metricdata.Gauge[float64]); ok && one.Name == name {
				for _, p := range gauge.DataPoints {
					value, _ := p.Attributes.Value(attribute.Key(label))
					out[value.AsString()] = p.Value
				}
			}
		}
	}
	return out
}

func TestWhatWaitsIsMeasuredWhileTheBrokerSaysSo(t *testing.T) {
	t.Parallel()
	b := &broker{queues: map[string]amqpx.QueueState{
		topology.RouteQueue("plain"): {Ready: 7, Consumers: 2}, topology.RouteQueue("ordered"): {Ready: 1, Consumers: 1},
		topology.PartitionQueue("ordered", 0): {Ready: 3}, topology.PartitionQueue("ordered", 1): {Ready: 4}, topology.Orphan: {Ready: 5},
		topology.DeferredQueue("plain"): {Ready: 20, Consumers: 2}, topology.DeferredQueue("ordered"): {Ready: 1000},
	}}
	reader := sdkmetric.NewManualReader()
	w, err := depth.New(depth.Options{
		Broker: b, Routes: func() map[string]int { return map[string]int{"plain": 0, "ordered": 2, "gone": 0} },
		Every: 10 * time.Millisecond, Meter: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"), Log: zap.NewNop(),
	})
	require.NoError(t, err)
	stop := lifecycle.Background(context.Background(), w.Run)
	shows := func(name, label string, want map[string]float64) {
		t.Helper()
		require.Eventually(t, func() bool { return maps.Equal(want, values(t, reader, name, label)) }, 20*time.Second, 5*time.Millisecond, name)
	}
	shows("penstock.route.ready.events", "route", map[string]float64{"plain": 27, "ordered": 8, "gone": 0})
	shows("penstock.route.deferred.events", "route", map[string]float64{"plain": 20, "ordered": 0, "gone": 0})
	shows("penstock.route.consumers", "route", map[string]float64{"plain": 2, "ordered": 1, "gone": 0})
	shows("penstock.stray.events", "queue", map[string]float64{"orphan": 5, "unrouted": 0})

	b.fail(errors.New("away"))
	shows("penstock.route.ready.events", "route", map[string]float64{})
	shows("penstock.stray.events", "queue", map[string]float64{})
	b.fail(nil)
	shows("penstock.route.consumers", "route", map[string]float64{"plain": 2, "ordered": 1, "gone": 0})
	require.NoError(t, stop(context.Background()))
	require.Empty(t, values(t, reader, "penstock.route.consumers", "route"), "another tracker may know better")
}
