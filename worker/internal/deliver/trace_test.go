package deliver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	penstockstatus "github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

const secretPath = "/hooks/secret-in-the-path?token=secret-in-the-query"

// journey is the way of one event over a real broker to a real receiver that refuses it
// twice, and the spans that it left in memory.
type journey struct {
	spans   *tracetest.InMemoryExporter
	tracers *sdktrace.TracerProvider
	created trace.SpanContext // of the gateway's publish

	mu     sync.Mutex
	parent []string // the traceparent of each attempt, as the receiver got it
}

// travel sends an event on its journey and returns when it has arrived and is settled.
func travel(t *testing.T) *journey {
	t.Helper()
	j := &journey{spans: tracetest.NewInMemoryExporter()}
	j.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(j.spans))
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		j.mu.Lock()
		j.parent = append(j.parent, r.Header.Get("Traceparent"))
		j.mu.Unlock()
		if calls.Add(1) <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	vhost := amqptest.New(t)
	broker := amqpx.Config{URLs: vhost.URLs, Name: t.Name()}
	plan := topology.Plan{Routes: []topology.Route{{Name: "orders"}}}
	require.NoError(t, amqpx.Declare(t.Context(), broker, plan.Topology()))
	publisher, consumer := connect(t, broker)

	d := destination(t, settings(server.URL+secretPath))
	route, err := consume.New(consume.Options{
		Route: "orders", Handler: d, Tracer: j.tracers.Tracer("test"), Log: zaptest.NewLogger(t),
		Retry: retry.Policy{Initial: time.Second, Factor: 1, Max: time.Second, MaxAttempts: 5, MaxAge: time.Hour},
	}, publisher)
	require.NoError(t, err)
	emitter := penstockstatus.NewEmitter(publisher, penstockstatus.Options{})
	t.Cleanup(func() { require.NoError(t, emitter.Close(context.WithoutCancel(t.Context()))) })
	move, err := returns.New(returns.Options{
		Broker: broker, Publisher: publisher, Consumer: consumer, Recorder: emitter, Doubt: func(error) {}, Meter: metricnoop.Meter{}, Log: zaptest.NewLogger(t),
	})
	require.NoError(t, err)
	j.accept(t, publisher)
	ctx, stop := context.WithCancel(t.Context())
	moving := lifecycle.Background(ctx, move.Run)
	done := make(chan error, 1)
	go func() { done <- route.Run(ctx, consumer) }()
	require.Eventually(t, func() bool { return len(j.named("settle penstock.route.orders")) == 3 }, time.Minute, 20*time.Millisecond)
	stop()
	require.NoError(t, <-done)
	require.NoError(t, moving(context.WithoutCancel(ctx)))
	return j
}

func connect(t *testing.T, broker amqpx.Config) (*amqpx.Publisher, *amqpx.Consumer) {
	t.Helper()
	publisher := amqpx.NewPublisher(broker, amqpx.PublisherOptions{}, zaptest.NewLogger(t))
	consumer := amqpx.NewConsumer(broker, zaptest.NewLogger(t))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, consumer.Close(ctx))
		require.NoError(t, publisher.Close(ctx))
	})
	require.Eventually(t, func() bool { return publisher.Ready() == nil }, time.Minute, 10*time.Millisecond)
	return publisher, consumer
}

// accept publishes an event below a span, as the gateway does.
func (j *journey) accept(t *testing.T, p *amqpx.Publisher) {
	t.Helper()
	ctx, span := j.tracers.Tracer("gateway").Start(t.Context(), "publish penstock.routes", trace.WithSpanKind(trace.SpanKindProducer))
	defer span.End()
	j.created = span.SpanContext()
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	e := sample()
	e.Attempt, e.Trace = 1, event.Trace{Parent: carrier["traceparent"]}
	m, err := event.Encode(e)
	require.NoError(t, err)
	require.NoError(t, routingtest.Route(ctx, p, m, "orders"))
}

// named returns the spans of that name in the order of their beginnings.
func (j *journey) named(name string) tracetest.SpanStubs {
	spans := slices.DeleteFunc(j.spans.GetSpans(), func(s tracetest.SpanStub) bool { return s.Name != name })
	slices.SortFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	return spans
}

func attribute(s tracetest.SpanStub, key string) string {
	for _, kv := range s.Attributes {
		if string(kv.Key) == key {
			return kv.Value.String()
		}
	}
	return ""
}

func TestTheTraceOfAnEventThatIsRetriedTwiceIsWhole(t *testing.T) {
	t.Parallel()
	j := travel(t)
	processed, attempts, settled := j.named("process penstock.route.orders"), j.named("POST billing"), j.named("settle penstock.route.orders")
	require.Len(t, processed, 3)
	require.Len(t, attempts, 3)
	require.Len(t, j.named("publish penstock.delay"), 2)
	require.Len(t, j.spans.GetSpans(), 1+3+3+3+2, "and nothing else")
	for _, s := range j.spans.GetSpans() {
		require.Equal(t, j.created.TraceID(), s.SpanContext.TraceID(), s.Name)
	}
	for i, outcome := range []string{"retrying", "retrying", "delivered"} {
		p, a, s := processed[i], attempts[i], settled[i]
		require.Equal(t, trace.SpanKindConsumer, p.SpanKind)
		require.Equal(t, j.created.SpanID(), p.Parent.SpanID(), "over every delay")
		require.Len(t, p.Links, 1)
		require.Equal(t, j.created.SpanID(), p.Links[0].SpanContext.SpanID())
		require.Equal(t, outcome, attribute(p, "penstock.outcome"))
		require.Equal(t, string(rune('1'+i)), attribute(p, "penstock.attempt"))

		require.Equal(t, trace.SpanKindClient, a.SpanKind)
		require.Equal(t, p.SpanContext.SpanID(), a.Parent.SpanID())
		require.Contains(t, j.parent[i], a.SpanContext.SpanID().String(), "what the receiver got")
		require.Equal(t, []string{"500", "500", "200"}[i], attribute(a, "http.response.status_code"))
		require.Equal(t, []string{"server-error", "server-error", ""}[i], attribute(a, "error.type"))

		require.Equal(t, trace.SpanKindClient, s.SpanKind)
		require.Equal(t, p.SpanContext.SpanID(), s.Parent.SpanID())
		require.Equal(t, "settle", attribute(s, "messaging.operation.type"))
	}
	for i, again := range j.named("publish penstock.delay") {
		require.Equal(t, trace.SpanKindProducer, again.SpanKind)
		require.Equal(t, settled[i].SpanContext.SpanID(), again.Parent.SpanID())
		require.Equal(t, "penstock.delay", attribute(again, "messaging.destination.name"))
	}
	requireDiscreet(t, j)
}

// requireDiscreet makes sure that no span holds anything of the payload, a header, or a
// secret part of the destination's URL.
func requireDiscreet(t *testing.T, j *journey) {
	t.Helper()
	text, err := json.Marshal(j.spans.GetSpans())
	require.NoError(t, err)
	for _, secret := range []string{"secret-in", "in-the-query", "sha256=abc", "amount", "GitHub-Hookshot"} {
		require.NotContains(t, string(text), secret)
	}
}

func TestASenderThatIsNotSampledCostsNoSpan(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	var got atomic.Value
	d := receiver(t, func(_ http.ResponseWriter, r *http.Request) { got.Store(r.Header.Get("Traceparent")) })
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": parent})
	ctx, span := tracers.Tracer("test").Start(ctx, "process")
	require.NoError(t, d.Handle(ctx, sample()))
	span.End()
	require.Empty(t, exporter.GetSpans())
	require.Contains(t, got.Load(), "4bf92f3577b34da6a3ce929d0e0e4736")
	require.True(t, strings.HasSuffix(got.Load().(string), "-00"))
}

func TestAnExchangeIsPublishedToInASpan(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	d := l.destination(t, "ledger", "")
	exporter := tracetest.NewInMemoryExporter()
	ctx, span := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)).Tracer("test").Start(t.Context(), "process")
	require.Eventually(t, func() bool { return d.Handle(ctx, sample()) == nil }, time.Minute, 20*time.Millisecond)
	span.End()
	spans := exporter.GetSpans()
	published := spans[len(spans)-2]
	require.Equal(t, "publish ledger", published.Name)
	require.Equal(t, trace.SpanKindProducer, published.SpanKind)
	require.Contains(t, l.next(t).Text(event.HeaderTrace), published.SpanContext.SpanID().String())
}
