package httpapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

const (
	sendersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent  = "00-" + sendersTrace + "-00f067aa0ba902b7-00"
)

// spanOf passes on the span that a request is served in.
func spanOf(spans chan<- trace.SpanContext) pipeline {
	return func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
		spans <- trace.SpanContextFromContext(ctx)
		return accept(ctx, r)
	}
}

func TestASendersTraceIsLinkedAndNotTrusted(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	spans := make(chan trace.SpanContext, 1)
	b := setup(t, spanOf(spans), tracers(provider))
	b.do(t, http.MethodPost, "/in/secret-name?q=1", http.NoBody, "Traceparent", traceparent)

	inside := <-spans
	require.True(t, inside.IsSampled(), "though the sender's is not")
	require.NotEqual(t, sendersTrace, inside.TraceID().String())
	require.Eventually(t, func() bool { return len(recorder.Ended()) == 1 }, waitFor, tick)
	span := recorder.Ended()[0]
	require.Equal(t, "POST /in/{source}", span.Name())
	require.Len(t, span.Links(), 1)
	require.Equal(t, sendersTrace, span.Links()[0].SpanContext.TraceID().String())
}

func TestWithoutTracingTheSendersTraceTravelsOn(t *testing.T) {
	t.Parallel()
	spans := make(chan trace.SpanContext, 1)
	b := setup(t, spanOf(spans))
	b.do(t, http.MethodPost, "/in/a", http.NoBody, "Traceparent", traceparent)
	require.Equal(t, sendersTrace, (<-spans).TraceID().String())
	b.do(t, http.MethodPost, "/in/a", http.NoBody)
	require.False(t, (<-spans).IsValid())
}
