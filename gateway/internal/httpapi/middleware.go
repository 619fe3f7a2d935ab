package httpapi

import (
	"errors"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// spanName is that of every request: a name that holds what a sender chose would
// have no end of values.
const spanName = "POST /in/{source}"

// traced makes a span of each request. The sender's trace is linked to it and
// not its parent: a stranger does not decide what is sampled. When nothing is
// traced here, the sender's trace context travels on with the event.
func traced(next http.Handler, tracers trace.TracerProvider) http.Handler {
	if _, off := tracers.(tracenoop.TracerProvider); off {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Traceparent") != "" {
				r = r.WithContext(propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header)))
			}
			next.ServeHTTP(w, r)
		})
	}
	return otelhttp.NewHandler(next, spanName,
		otelhttp.WithTracerProvider(tracers),
		otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()), // package ingest has metrics of its own
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
		otelhttp.WithSpanNameFormatter(func(name string, _ *http.Request) string { return name }),
	)
}

// recovered answers 500 to a request whose handling panicked, and keeps the
// process alive.
func (f *face) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to cut a connection
			}
			// The cause is not logged: it may quote what was sent.
			f.log.Error("a request's handling panicked", zap.Stack("stack"))
			f.writeProblem(w, &ingest.Refusal{Kind: ingest.KindInternal})
		}()
		next.ServeHTTP(w, r)
	})
}
