package httpapi

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// spanName is that of every request: a name that holds what a sender chose would
// have no end of values.
const spanName = "POST /in/{source}"

// traced makes a span of each request. The sender's trace is linked to it, and is its
// parent only for a source that says so: a stranger does not decide what is sampled.
// When nothing is traced here, the trace of such a source travels on with the event.
func traced(next http.Handler, tracers trace.TracerProvider, trusts func(source string) bool) http.Handler {
	if _, off := tracers.(tracenoop.TracerProvider); off {
		return passing(next, trusts)
	}
	return otelhttp.NewHandler(next, spanName,
		otelhttp.WithTracerProvider(discreet{TracerProvider: tracers}),
		otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()), // package ingest has metrics of its own
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return !trusts(sourceOf(r)) }),
		otelhttp.WithSpanNameFormatter(func(name string, _ *http.Request) string { return name }),
	)
}

// passing hands on the trace of a sender that is trusted with it.
func passing(next http.Handler, trusts func(source string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Traceparent") != "" && trusts(sourceOf(r)) {
			r = r.WithContext(propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header)))
		}
		next.ServeHTTP(w, r)
	})
}

// sourceOf returns the name in the path, of a source that may not exist.
func sourceOf(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/in/") }
