// Package telemetry sets up what a process tells about itself: logs with zap,
// metrics through the OpenTelemetry API with a Prometheus reader, and traces when
// the standard OTEL_* variables name an exporter.
//
//	logger, err := telemetry.Logger(os.Stdout, "info", "json")
//	tel, err := telemetry.Start(ctx, "gateway")
//	defer tel.Close(ctx)
//	received, err := tel.Meter.Int64Counter("penstock.received")
//	admin.Options{Metrics: tel.Metrics}
//
// Metrics are a page for Prometheus, with classic and native histograms; the makers of
// its instruments are in package instrument. Besides, metrics and traces go where the
// standard variables say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER,
// OTEL_METRICS_EXPORTER, OTEL_TRACES_SAMPLER and so on). Without any of them nothing
// leaves the process, but a trace context that arrives still travels on.
//
// Lines of the log that repeat by the hundred within a second are thinned out.
package telemetry
