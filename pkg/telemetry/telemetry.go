package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/buildinfo"
)

const scope = "github.com/penstock/penstock"

// Telemetry is what a process measures and traces with. It holds no globals, so
// that a test can run several processes side by side.
type Telemetry struct {
	Meter      metric.Meter
	Tracer     trace.Tracer
	Meters     metric.MeterProvider // for libraries that make instruments of their own
	Tracers    trace.TracerProvider
	Propagator propagation.TextMapPropagator // W3C trace context
	Metrics    http.Handler                  // the Prometheus page

	stops []func(context.Context) error
}

// Start sets up metrics and traces for the process with that name. Close it to
// send what is still held. It fails when an OTEL_* variable cannot be used.
func Start(ctx context.Context, process string) (*Telemetry, error) {
	res, err := resource.New(ctx,
		resource.WithAttributes(
			semconv.ServiceName("penstock-"+process),
			semconv.ServiceVersion(buildinfo.Version())),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
	if err != nil {
		return nil, fmt.Errorf("describe the process for telemetry: %w", err)
	}
	t := &Telemetry{Propagator: propagation.TraceContext{}}
	if err := t.startMetrics(ctx, res); err != nil {
		return nil, err
	}
	if err := t.startTraces(ctx, res); err != nil {
		return nil, errors.Join(err, t.Close(ctx))
	}
	return t, nil
}

// Close sends what is still held and stops, within ctx.
func (t *Telemetry) Close(ctx context.Context) error {
	var errs []error
	for _, stop := range t.stops {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}
