package deliver

import (
	"context"

	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"

	"github.com/penstock/penstock/pkg/instrument"
)

// newStateMetric returns what shows the state of a destination's circuit breaker, and
// shows it closed.
func newStateMetric(destination string, m metric.Meter) (show func(gobreaker.State), err error) {
	if m == nil {
		m = metricnoop.Meter{}
	}
	maker, labels := instrument.From(m), instrument.Label(attribute.String("destination", destination))
	state := maker.Gauge("penstock.breaker.state")
	show = func(s gobreaker.State) { state.Record(context.Background(), int64(s), labels.Record...) }
	show(gobreaker.StateClosed)
	return show, maker.Err()
}
