package deliver

import (
	"context"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// scope is who made the spans.
const scope = "github.com/penstock/penstock/worker"

// spanner begins the spans of attempts at one destination. Their names are few, and
// neither path nor query is in them: those may be secrets.
type spanner struct {
	name       string
	kind       trace.SpanKind
	attributes []attribute.KeyValue
}

// requests makes spans as the semantic conventions for HTTP clients have them:
// https://opentelemetry.io/docs/specs/semconv/http/http-spans.
func requests(d *config.Destination) spanner {
	s := spanner{name: d.HTTPMethod() + " " + d.Name, kind: trace.SpanKindClient, attributes: []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(d.HTTPMethod()), attribute.String("penstock.destination", d.Name),
	}}
	if u, err := url.Parse(d.URL); err == nil {
		s.attributes = append(s.attributes, semconv.ServerAddress(u.Hostname()), semconv.ServerPort(portOf(u)), semconv.URLScheme(u.Scheme))
	}
	return s
}

func portOf(u *url.URL) int {
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	return map[string]int{"http": 80, "https": 443}[u.Scheme]
}

// publishes makes spans as the semantic conventions for RabbitMQ have them:
// https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq.
func publishes(d *config.Destination) spanner {
	return spanner{name: "publish " + d.Exchange, kind: trace.SpanKindProducer, attributes: []attribute.KeyValue{
		semconv.MessagingSystemRabbitMQ, semconv.MessagingOperationName("publish"), semconv.MessagingOperationTypeSend,
		semconv.MessagingDestinationName(d.Exchange), attribute.String("penstock.destination", d.Name),
	}}
}

// begin begins the span of an attempt, below that of the event's processing, and is free
// when that is not recorded.
func (s spanner) begin(ctx context.Context, e *event.Event) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, unrecorded
	}
	return parent.TracerProvider().Tracer(scope).Start(ctx, s.name, trace.WithSpanKind(s.kind), //nolint:spancheck // the caller ends it
		trace.WithAttributes(s.attributes...),
		trace.WithAttributes(attribute.String("penstock.event.id", e.ID), attribute.Int("penstock.attempt", e.Attempt)))
}

// unrecorded stands for every span when nothing is recorded.
var unrecorded = trace.SpanFromContext(context.Background())

// end ends the span of an attempt: with the reason of its failure, out of a closed set,
// and never with the error's text.
func end(span trace.Span, err error) {
	if span.IsRecording() && err != nil {
		reason := string(fault.ReasonOf(err))
		span.SetStatus(codes.Error, reason)
		span.SetAttributes(semconv.ErrorTypeKey.String(reason))
	}
	span.End()
}
