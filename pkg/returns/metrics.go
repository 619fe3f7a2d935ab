package returns

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
)

// What becomes of a message that has waited.
const (
	moved        = "moved"         // its queue has it, or the deferred one
	passedOn     = "passed_on"     // it waits for what is left, in another level
	delayedAgain = "delayed_again" // no queue of its route took it
	stranded     = "orphan"        // its route is gone
)

// metrics count what is moved, and measure how late.
type metrics struct {
	returns  metric.Int64Counter
	lateness metric.Float64Histogram
	outcomes *instrument.Cache[string]
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	maker := instrument.From(meter)
	m := &metrics{
		returns:  maker.Counter("penstock.returns"),
		lateness: maker.Histogram("penstock.return.lateness"),
		outcomes: instrument.NewCache(func(outcome string) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("outcome", outcome)}
		}),
	}
	return m, maker.Err()
}

func (m *metrics) count(ctx context.Context, outcome string) {
	m.returns.Add(ctx, 1, m.outcomes.Of(outcome).Add...)
}

// late notes how late a message was moved.
func (m *metrics) late(ctx context.Context, by time.Duration) {
	m.lateness.Record(ctx, max(by, 0).Seconds())
}

// noteStuck logs that a message finds no place, when that is not for want of a broker.
func (m *Mover) noteStuck(ctx context.Context, to place, err error) {
	if ctx.Err() == nil && !errors.Is(err, amqpx.ErrUnavailable) {
		m.options.Log.Warn("a message that has waited finds no place; it stays in hand", zap.String("queue", to.queue), zap.Error(err))
	}
}
