package consume

import (
	"errors"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/penstock/penstock/pkg/event"
)

// log tells about an event that was not simply delivered. What happens to many
// events while a destination is down is for debugging only; metrics count it.
func (r *Route) log(m *event.Message, v verdict) {
	entry := r.options.Log.Check(levelOf(v.outcome), "event "+string(v.outcome))
	if entry == nil {
		return
	}
	fields := []zap.Field{
		zap.String("event", m.ID), zap.String("source", m.Text(event.HeaderSource)), zap.String("type", m.Type),
		zap.Int("attempt", attemptOf(m)), zap.String("reason", string(v.reason)), zap.Error(v.err),
	}
	if v.span.HasTraceID() {
		fields = append(fields, zap.Stringer("trace", v.span.TraceID()))
	}
	if v.delay > 0 {
		fields = append(fields, zap.Duration("delay", v.delay))
	}
	if panicked, ok := errors.AsType[*panicError](v.err); ok {
		fields = append(fields, zap.ByteString("stack", panicked.stack))
	}
	entry.Write(fields...)
}

func levelOf(o Outcome) zapcore.Level {
	switch o {
	case Dead:
		return zapcore.WarnLevel
	case Panicked:
		return zapcore.ErrorLevel
	default:
		return zapcore.DebugLevel
	}
}
