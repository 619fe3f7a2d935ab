package ingest

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/topology"
)

// scope is who made the spans.
const scope = "github.com/penstock/penstock/gateway"

// begin begins a span below the request's, and is free when that is not recorded.
func begin(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, unrecorded
	}
	return parent.TracerProvider().Tracer(scope).Start(ctx, name, options...) //nolint:spancheck // the caller ends it
}

// unrecorded stands for every span when nothing is recorded.
var unrecorded = trace.SpanFromContext(context.Background())

// fail notes why a step failed, in a word of a closed set.
func fail(span trace.Span, err error) {
	if span.IsRecording() {
		reason := asRefusal(err).Reason
		span.SetStatus(codes.Error, reason)
		span.SetAttributes(semconv.ErrorTypeKey.String(reason))
	}
}

// sending begins the span of a publish, as the semantic conventions for RabbitMQ have it:
// https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq. The name is the same
// for every event: types are for senders to choose.
func sending(ctx context.Context, r *Request) (context.Context, trace.Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, unrecorded
	}
	return begin(ctx, "publish "+topology.Routes, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		semconv.MessagingSystemRabbitMQ,
		semconv.MessagingOperationName("publish"),
		semconv.MessagingOperationTypeSend,
		semconv.MessagingDestinationName(topology.Routes),
		semconv.MessagingRabbitMQDestinationRoutingKey(topology.EventKey(r.source.name, r.eventType)),
		semconv.MessagingMessageID(r.eventID),
		semconv.MessagingMessageBodySize(len(r.body))))
}

// describe puts what became of the request into its span.
func describe(ctx context.Context, r *Request, refusal *Refusal) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(semconv.HTTPRoute("/in/{source}"), attribute.String("penstock.source", r.sourceName()))
	switch {
	case refusal != nil:
		span.SetAttributes(semconv.ErrorTypeKey.String(refusal.Reason))
	case r.answer.EventID == "":
		span.SetAttributes(attribute.String("penstock.handshake", r.question))
	default:
		span.SetAttributes(
			attribute.String("penstock.event.id", r.answer.EventID),
			attribute.String("penstock.event.type", r.eventType),
			attribute.Bool("penstock.duplicate", r.duplicate))
	}
}
