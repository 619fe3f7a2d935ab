package telemetry

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

// startMetrics serves the metrics to Prometheus, and exports them besides where the
// standard variables say so.
func (t *Telemetry) startMetrics(ctx context.Context, res *resource.Resource) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	classic, err := otelprom.New(otelprom.WithRegisterer(registry), otelprom.WithoutScopeInfo())
	if err != nil {
		return fmt.Errorf("set up the Prometheus reader: %w", err)
	}
	native, err := newNative()
	if err != nil {
		return err
	}
	options := []sdkmetric.Option{
		sdkmetric.WithResource(res), sdkmetric.WithReader(classic), sdkmetric.WithReader(native.reader),
	}
	if wanted("METRICS") {
		exporter, err := autoexport.NewMetricReader(ctx)
		if err != nil {
			return fmt.Errorf("set up the metric exporter: %w", err)
		}
		options = append(options, sdkmetric.WithReader(exporter))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	t.Meters, t.Meter = provider, provider.Meter(scope)
	t.Metrics = promhttp.HandlerFor(native.beside(registry), promhttp.HandlerOpts{EnableOpenMetrics: true})
	t.stops = append(t.stops, provider.Shutdown)
	return nil
}
