package observe

import (
	"context"

	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// Readiness shows whether the process is ready, as its /readyz says.
func Readiness(m metric.Meter, ready func() bool) error {
	maker := instrument.From(m)
	maker.Observe("penstock.ready", func(_ context.Context, observe instrument.Observation) {
		observe(map[bool]float64{true: 1}[ready()])
	})
	return maker.Err()
}
