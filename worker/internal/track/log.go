package track

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
)

// log tells of the events that are in the store now, at level debug, under the names
// that the gateway and the deliverer log them with. A status record carries no trace.
func (w *writer) log(ctx context.Context, entries []entry) {
	log := w.tracker.log
	if !log.Core().Enabled(zap.DebugLevel) {
		return
	}
	for i := range entries {
		if e := &entries[i]; e.accepted != nil {
			log.Debug("event tracked", zap.String("event", e.accepted.ID), zap.String("source", e.accepted.Source),
				zap.String("type", e.accepted.Type), traceField(ctx, e.traceparent))
		}
		for _, r := range entries[i].records {
			log.Debug("record tracked", zap.String("event", r.Event), zap.String("route", r.Route),
				zap.String("kind", string(r.Kind)), zap.Int("attempt", r.Attempt), zap.String("reason", string(r.Reason)))
		}
	}
}

// traceField is the trace that an event was accepted in, if any.
func traceField(ctx context.Context, traceparent string) zap.Field {
	carrier := propagation.MapCarrier{event.HeaderTrace: traceparent}
	span := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, carrier))
	if !span.HasTraceID() {
		return zap.Skip()
	}
	return zap.Stringer("trace", span.TraceID())
}
