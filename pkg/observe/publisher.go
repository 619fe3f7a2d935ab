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
}

// Publisher measures how long publishes take. It is safe for concurrent use.
type Publisher struct {
	Real

	took   metric.Float64Histogram
	labels *instrument.Cache[result]
}

// result is where a publish went, and what came of it.
type result struct{ exchange, outcome string }

// NewPublisher returns a publisher that publishes through another.
func NewPublisher(through Real, m *instrument.Maker) *Publisher {
	return &Publisher{
		Real: through,
		took: m.Histogram("penstock.publish.duration"),
		labels: instrument.NewCache(func(r result) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("exchange", r.exchange), attribute.String("outcome", r.outcome)}
		}),
	}
}

// Publish publishes, and measures until the broker's confirm or the failure.
func (p *Publisher) Publish(ctx context.Context, pub amqpx.Publication) error {
	began := time.Now()
	err := p.Real.Publish(ctx, pub)
	labels := p.labels.Of(result{exchangeOf(pub), amqpx.Outcome(err)})
	p.took.Record(ctx, time.Since(began).Seconds(), labels.Record...)
	return err
}

// exchangeOf names where a message goes, out of a closed set.
func exchangeOf(p amqpx.Publication) string {
	if p.Exchange == "" && p.Key == topology.Status {
		return "status"
	}
	return topology.Family(p.Exchange)
}
