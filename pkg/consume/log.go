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
	panicked, isPanic := errors.AsType[*panicError](v.err)
	entry := r.options.Log.Check(levelOf(v.outcome, isPanic), "event "+string(v.outcome))
	if entry == nil {
		return
	}
	fields := []zap.Field{
		zap.String("event", m.ID), zap.String("source", m.Text(event.HeaderSource)), zap.String("type", m.Type),
		zap.Int("attempt", attemptOf(m)), zap.String("reason", string(v.reason)),
	}
	if v.text != "" {
		fields = append(fields, zap.String("error", v.text))
	}
	if v.span.HasTraceID() {
		fields = append(fields, zap.Stringer("trace", v.span.TraceID()))
	}
	if v.delay > 0 {
		fields = append(fields, zap.Duration("delay", v.delay))
	}
	if isPanic {
		fields = append(fields, zap.ByteString("stack", panicked.stack))
	}
	entry.Write(fields...)
}

func levelOf(o Outcome, isPanic bool) zapcore.Level {
	switch {
	case isPanic:
		return zapcore.ErrorLevel
	case o == Dead:
		return zapcore.WarnLevel
	default:
		return zapcore.DebugLevel
	}
}
