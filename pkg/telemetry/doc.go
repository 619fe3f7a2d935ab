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
// Without OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_TRACES_EXPORTER no trace leaves the
// process, but a trace context that arrives still travels on.
package telemetry
