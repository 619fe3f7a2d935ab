package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/gateway/internal/httpapi"
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

// trusting trusts the senders of one source with their trace.
func trusting(source string) option {
	return func(o *httpapi.Options) { o.Trusts = func(name string) bool { return name == source } }
}

func TestASendersTraceIsLinkedAndNotTrusted(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	spans := make(chan trace.SpanContext, 1)
	b := setup(t, spanOf(spans), tracers(provider), trusting("another"))
	b.do(t, http.MethodPost, "/in/secret-name?q=1", http.NoBody, "Traceparent", traceparent)

	inside := <-spans
	require.True(t, inside.IsSampled(), "though the sender's is not")
	require.NotEqual(t, sendersTrace, inside.TraceID().String())
	require.Eventually(t, func() bool { return len(recorder.Ended()) == 1 }, waitFor, tick)
	span := recorder.Ended()[0]
	require.Equal(t, "POST /in/{source}", span.Name())
	require.Equal(t, trace.SpanKindServer, span.SpanKind())
	require.Len(t, span.Links(), 1)
	require.Equal(t, sendersTrace, span.Links()[0].SpanContext.TraceID().String())
}

func TestASourceCanTrustItsSendersTraceAndSampling(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	spans := make(chan trace.SpanContext, 1)
	b := setup(t, spanOf(spans), tracers(provider), trusting("inhouse"))
	b.do(t, http.MethodPost, "/in/inhouse", http.NoBody, "Traceparent", traceparent)
	inside := <-spans
	require.Equal(t, sendersTrace, inside.TraceID().String())
	require.False(t, inside.IsSampled(), "because the sender's is not")
	require.Empty(t, recorder.Ended())

	b.do(t, http.MethodPost, "/in/inhouse", http.NoBody, "Traceparent", strings.TrimSuffix(traceparent, "00")+"01")
	require.True(t, (<-spans).IsSampled())
	require.Eventually(t, func() bool { return len(recorder.Ended()) == 1 }, waitFor, tick)
	require.Equal(t, sendersTrace, recorder.Ended()[0].Parent().TraceID().String())
}

func TestASpanHoldsNothingThatTheSenderWrote(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	b := setup(t, pipeline(accept), tracers(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))))
	b.do(t, http.MethodPost, "/in/hidden-path?hidden-query=1", strings.NewReader("hidden-body"), "User-Agent", "hidden-agent",
		"X-Forwarded-For", "hidden-client", "Host", "hidden-host", "X-Hub-Signature-256", "hidden-signature", "Referer", "hidden-referer")
	require.Eventually(t, func() bool { return len(recorder.Ended()) == 1 }, waitFor, tick)
	text, err := json.Marshal(tracetest.SpanStubFromReadOnlySpan(recorder.Ended()[0]))
	require.NoError(t, err)
	require.NotContains(t, string(text), "hidden")
	require.Contains(t, string(text), "http.response.status_code")
	require.Contains(t, string(text), "http.request.method")
}

func TestWithoutTracingOnlyATrustedSendersTraceTravelsOn(t *testing.T) {
	t.Parallel()
	spans := make(chan trace.SpanContext, 1)
	b := setup(t, spanOf(spans), trusting("inhouse"))
	b.do(t, http.MethodPost, "/in/inhouse", http.NoBody, "Traceparent", traceparent)
	require.Equal(t, sendersTrace, (<-spans).TraceID().String())
	b.do(t, http.MethodPost, "/in/inhouse", http.NoBody)
	require.False(t, (<-spans).IsValid())
	b.do(t, http.MethodPost, "/in/stranger", http.NoBody, "Traceparent", traceparent)
	require.False(t, (<-spans).IsValid())
}
