package observe

import (
	"context"
	"errors"
	"strings"
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

// NewPublisher returns a publisher that publishes with real.
func NewPublisher(real Real, m *instrument.Maker) *Publisher {
	return &Publisher{
		Real: real,
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
	labels := p.labels.Of(result{exchangeOf(pub), outcomeOf(err)})
	p.took.Record(ctx, time.Since(began).Seconds(), labels.Record...)
	return err
}

// exchangeOf names where a message goes, out of a closed set.
func exchangeOf(p amqpx.Publication) string {
	switch {
	case p.Exchange == "" && p.Key == topology.Status:
		return "status"
	case strings.HasPrefix(p.Exchange, delays):
		return delays
	case p.Exchange == topology.Events, p.Exchange == topology.Ready, p.Exchange == topology.Dead:
		return p.Exchange
	default:
		return "other"
	}
}

// delays stands for the exchanges of all delay levels.
const delays = "penstock.delay"

// outcomeOf names what became of a publish, out of a closed set.
func outcomeOf(err error) string {
	if err == nil {
		return "confirmed"
	}
	for _, known := range []struct {
		err     error
		outcome string
	}{
		{amqpx.ErrUnavailable, "unavailable"},
		{amqpx.ErrReturned, "unroutable"},
		{amqpx.ErrNacked, "refused"},
		{amqpx.ErrUnknown, "unconfirmed"},
		{amqpx.ErrInvalid, "invalid"},
	} {
		if errors.Is(err, known.err) {
			return known.outcome
		}
	}
	return "failed"
}
