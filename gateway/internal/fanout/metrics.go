package fanout

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// metrics count what does not go its usual way.
type metrics struct {
	deferred metric.Int64Counter
	refused  metric.Int64Counter // by queues of others
	queues   *instrument.Cache[string]
}

func newMetrics(m metric.Meter, shut func() map[string]error) (*metrics, error) {
	maker := instrument.From(m)
	maker.Observe("penstock.queue.shut", func(_ context.Context, observe instrument.Observation) {
		for queue := range shut() {
			observe(1, attribute.String("queue", queue))
		}
	})
	all := &metrics{
		deferred: maker.Counter("penstock.deferred"),
		refused:  maker.Counter("penstock.exchange.refused"),
		queues:   instrument.NewCache(func(queue string) []attribute.KeyValue { return []attribute.KeyValue{attribute.String("queue", queue)} }),
	}
	return all, maker.Err()
}

func (m *metrics) countDeferred(queue string) {
	m.deferred.Add(context.Background(), 1, m.queues.Of(queue).Add...)
}

func (m *metrics) countForeignRefusal() { m.refused.Add(context.Background(), 1) }
