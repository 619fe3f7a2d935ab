package observe

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/topology"
)

// Real is what publishes. *amqpx.Publisher is one.
type Real interface {
	Publish(ctx context.Context, p amqpx.Publication) error
	Ready() error
	// LostWithin returns how often connections were lost within that time.
	LostWithin(d time.Duration) int
}

// Durations measures how long publishes take. It is safe for concurrent use.
type Durations struct {
	took   metric.Float64Histogram
	labels *instrument.Cache[result]
}

// result is where a publish went, and what came of it.
type result struct{ exchange, outcome string }

// NewDurations makes the measurement.
func NewDurations(m *instrument.Maker) *Durations {
	return &Durations{
		took: m.Histogram("penstock.publish.duration"),
		labels: instrument.NewCache(func(r result) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("exchange", r.exchange), attribute.String("outcome", r.outcome)}
		}),
	}
}

// Record records a publish to an exchange, or a name that stands for some, which began then
// and ended with err.
func (d *Durations) Record(ctx context.Context, exchange string, began time.Time, err error) {
	d.took.Record(ctx, time.Since(began).Seconds(), d.labels.Of(result{exchange, amqpx.Outcome(err)}).Record...)
}

// Publisher measures how long publishes take. It is safe for concurrent use.
type Publisher struct {
	Real

	durations *Durations
}

// NewPublisher returns a publisher that publishes through another.
func NewPublisher(through Real, durations *Durations) *Publisher {
	return &Publisher{through, durations}
}

// Publish publishes, and measures until the broker's confirm or the failure.
func (p *Publisher) Publish(ctx context.Context, pub amqpx.Publication) error {
	began := time.Now()
	err := p.Real.Publish(ctx, pub)
	p.durations.Record(ctx, exchangeOf(pub), began, err)
	return err
}

// exchangeOf names where a message goes, out of a closed set.
func exchangeOf(p amqpx.Publication) string {
	if p.Exchange == "" && p.Key == topology.Status {
		return "status"
	}
	return topology.Family(p.Exchange)
}
