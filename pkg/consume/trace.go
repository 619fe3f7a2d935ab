package consume

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/event"
)

// trace continues the trace that the event belongs to, with a span for this
// attempt. A handler passes it on from its context.
func (r *Route) trace(ctx context.Context, e *event.Event) (context.Context, trace.Span) {
	carrier := propagation.MapCarrier{event.HeaderTrace: e.Trace.Parent, event.HeaderTraceState: e.Trace.State}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	return r.options.Tracer.Start(ctx, "deliver "+r.options.Route, //nolint:spancheck // the caller ends it
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			attribute.String("penstock.event.id", e.ID),
			attribute.String("penstock.event.source", e.Source),
			attribute.String("penstock.event.type", e.Type),
			attribute.String("penstock.route", r.options.Route),
			attribute.Int("penstock.attempt", e.Attempt)))
}

func describe(span trace.Span, v verdict) {
	span.SetAttributes(attribute.String("penstock.outcome", string(v.outcome)))
	if v.err != nil {
		span.SetStatus(codes.Error, string(v.reason))
	}
}
