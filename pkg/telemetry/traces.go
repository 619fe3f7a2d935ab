package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// startTraces exports traces where the standard variables say, and nowhere
// without them.
func (t *Telemetry) startTraces(ctx context.Context, res *resource.Resource) error {
	if !wanted("TRACES") {
		t.Tracers = noop.NewTracerProvider()
		t.Tracer = t.Tracers.Tracer(scope)
		return nil
	}
	exporter, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return fmt.Errorf("set up the trace exporter: %w", err)
	}
	// the sampler comes from OTEL_TRACES_SAMPLER
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	t.Tracers, t.Tracer = provider, provider.Tracer(scope)
	t.stops = append(t.stops, provider.Shutdown)
	return nil
}
