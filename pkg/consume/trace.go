package consume

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// trace begins the span in which an event is processed, as the semantic conventions for
// RabbitMQ have it: https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq.
// Its parent is the publish that the event came with, which stays the same through all
// delays and retries, so all attempts are in one trace; it is linked to it as well,
// which is what the conventions ask for. A handler passes the span on from its context.
func (r *Route) trace(ctx context.Context, e *event.Event) (context.Context, trace.Span) {
	carrier := propagation.MapCarrier{event.HeaderTrace: e.Trace.Parent, event.HeaderTraceState: e.Trace.State}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	if !r.traced {
		return ctx, trace.SpanFromContext(ctx)
	}
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(r.destination("process", semconv.MessagingOperationTypeProcess)...),
		trace.WithAttributes(
			semconv.MessagingMessageID(e.ID),
			semconv.MessagingMessageBodySize(len(e.Body)),
			attribute.String("penstock.source", e.Source),
			attribute.String("penstock.event.type", e.Type),
			attribute.String("penstock.route", r.options.Route),
			attribute.Int("penstock.attempt", e.Attempt)),
	}
	if created := trace.SpanContextFromContext(ctx); created.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: created}))
	}
	return r.options.Tracer.Start(ctx, "process "+r.queue, options...) //nolint:spancheck // the caller ends it
}

// destination is what the spans about the route's queue have in common.
func (r *Route) destination(name string, kind attribute.KeyValue) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.MessagingSystemRabbitMQ, semconv.MessagingOperationName(name), kind, semconv.MessagingDestinationName(r.queue),
	}
}

// describe puts a verdict into the span.
func describe(span trace.Span, v verdict) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.String("penstock.outcome", string(v.outcome)))
	if v.err != nil {
		span.SetStatus(codes.Error, string(v.reason))
		span.SetAttributes(semconv.ErrorTypeKey.String(string(v.reason)))
	}
}

// settling begins the span in which an event is settled, below that in which it was
// processed.
func (r *Route) settling(ctx context.Context, m *event.Message, v verdict) (context.Context, trace.Span) {
	if !r.traced {
		return ctx, trace.SpanFromContext(ctx)
	}
	return r.options.Tracer.Start(trace.ContextWithSpanContext(ctx, v.span), "settle "+r.queue, //nolint:spancheck // the caller ends it
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(r.destination("settle", semconv.MessagingOperationTypeSettle)...),
		trace.WithAttributes(semconv.MessagingMessageID(m.ID), attribute.String("penstock.outcome", string(v.outcome))))
}

// tracedPublisher makes a span of each publish of an event: to a delay, or to the dead
// letters. The message keeps the trace context that it has.
type tracedPublisher struct {
	Publisher

	tracer trace.Tracer
}

func (p tracedPublisher) Publish(ctx context.Context, pub amqpx.Publication) error {
	destination := topology.Family(pub.Exchange)
	ctx, span := p.tracer.Start(ctx, "publish "+destination, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		semconv.MessagingSystemRabbitMQ, semconv.MessagingOperationName("publish"), semconv.MessagingOperationTypeSend,
		semconv.MessagingDestinationName(pub.Exchange), semconv.MessagingDestinationTemplate(destination),
		semconv.MessagingRabbitMQDestinationRoutingKey(pub.Key), semconv.MessagingMessageID(pub.Message.ID)))
	defer span.End()
	err := p.Publisher.Publish(ctx, pub)
	if err != nil {
		reason := amqpx.Outcome(err)
		span.SetStatus(codes.Error, reason)
		span.SetAttributes(semconv.ErrorTypeKey.String(reason))
	}
	return err
}
