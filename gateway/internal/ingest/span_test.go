package ingest_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
)

// traced serves a request below a span, and returns all spans by their names.
func (b *bundle) traced(t *testing.T, r *ingest.Request) map[string]tracetest.SpanStub {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	ctx, span := provider.Tracer("test").Start(t.Context(), "server")
	_, _ = b.Serve(ctx, r)
	span.End()
	spans := map[string]tracetest.SpanStub{}
	for _, s := range exporter.GetSpans() {
		spans[s.Name] = s
	}
	return spans
}

func attributes(s tracetest.SpanStub) map[string]string {
	all := map[string]string{}
	for _, kv := range s.Attributes {
		all[string(kv.Key)] = kv.Value.String()
	}
	return all
}

func TestVerifyingAndPublishingAreSpansOfTheRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	spans := b.traced(t, github(`{"action":"opened"}`))
	require.Len(t, spans, 3)
	server, verify, publish := spans["server"], spans["verify"], spans["publish penstock.routes"]
	require.Equal(t, server.SpanContext.SpanID(), verify.Parent.SpanID())
	require.Equal(t, server.SpanContext.SpanID(), publish.Parent.SpanID())
	require.Equal(t, trace.SpanKindProducer, publish.SpanKind)

	got := b.publisher.events()[0]
	require.Equal(t, map[string]string{
		"messaging.system": "rabbitmq", "messaging.operation.name": "publish", "messaging.operation.type": "send",
		"messaging.destination.name": "penstock.routes", "messaging.rabbitmq.destination.routing_key": "github.push.opened",
		"messaging.message.id": got.event.ID, "messaging.message.body.size": "19",
	}, attributes(publish))
	require.Contains(t, got.event.Trace.Parent, publish.SpanContext.SpanID().String(), "the message carries the span of the publish")
	require.Equal(t, map[string]string{
		"http.route": "/in/{source}", "penstock.source": "github", "penstock.event.id": got.event.ID,
		"penstock.event.type": "push.opened", "penstock.duplicate": "false",
	}, attributes(server))
}

func TestAFailedStepSaysWhyInAWord(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	spans := b.traced(t, request("github", "{}", "X-Hub-Signature-256", "sha256=00"))
	require.Equal(t, codes.Error, spans["verify"].Status.Code)
	require.Equal(t, attributes(spans["verify"])["error.type"], spans["verify"].Status.Description)
	require.NotContains(t, spans, "publish penstock.routes")

	b.publisher.answer = func(context.Context) error { return amqpx.ErrReturned }
	spans = b.traced(t, github("{}"))
	require.Equal(t, "broker-unroutable", attributes(spans["publish penstock.routes"])["error.type"])
	require.Equal(t, "broker-unroutable", attributes(spans["server"])["error.type"])
}

func TestNothingThatASenderSentIsInASpan(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	r := github(`{"action":"opened","hidden":"hidden"}`, "Authorization", "hidden", "X-Extra", "hidden")
	r.HTTP.URL.RawQuery = "hidden=hidden"
	for _, s := range []map[string]tracetest.SpanStub{b.traced(t, r), b.traced(t, request("hidden", "hidden"))} {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.NotContains(t, string(text), "hidden")
		require.NotContains(t, string(text), sign(`{"action":"opened","hidden":"hidden"}`))
	}
}
