package ingest

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// tell logs an accepted event, at level debug: with it begins what the other processes
// log with the same event and trace.
func (p *Pipeline) tell(ctx context.Context, r *Request) {
	entry := p.log.Check(zap.DebugLevel, "event accepted")
	if entry == nil || r.answer.EventID == "" {
		return
	}
	entry.Write(
		zap.String("event", r.answer.EventID),
		zap.String("source", r.source.name),
		zap.String("type", r.eventType),
		zap.Bool("duplicate", r.duplicate),
		zap.Bool("repeated", r.replay.ID != ""),
		traceField(ctx),
	)
}

// traceField is the trace that the request belongs to, if any.
func traceField(ctx context.Context) zap.Field {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return zap.Stringer("trace", span.TraceID())
	}
	return zap.Skip()
}

// explain logs a refusal. Any stranger can cause most of them at any rate, so they
// show at level debug only. An outage shows at warn, now and then, and a fault of
// our own at error.
func (p *Pipeline) explain(ctx context.Context, r *Request, refusal *Refusal) {
	switch refusal.Kind {
	case KindInternal:
		p.write(ctx, zap.ErrorLevel, r, refusal)
	case KindUnavailable:
		p.outages.Do(func() { p.write(ctx, zap.WarnLevel, r, refusal) })
		p.write(ctx, zap.DebugLevel, r, refusal)
	default:
		p.write(ctx, zap.DebugLevel, r, refusal)
	}
}

func (p *Pipeline) write(ctx context.Context, level zapcore.Level, r *Request, refusal *Refusal) {
	entry := p.log.Check(level, "request refused")
	if entry == nil {
		return
	}
	entry.Write(
		zap.String("source", r.sourceName()),
		zap.String("kind", string(refusal.Kind)),
		zap.String("reason", refusal.Reason),
		zap.Stringer("remote", r.Remote),
		traceField(ctx),
		zap.NamedError("cause", refusal.Cause),
	)
}
