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

// count counts the copies of an event that did not go their usual way.
func (m *metrics) count(ctx context.Context, copies []*copied) {
	for _, c := range copies {
		if c.refused {
			m.refused.Add(ctx, 1)
		}
		if c.deferred && c.err == nil {
			m.deferred.Add(ctx, 1, m.queues.Of(c.target.queue).Add...)
		}
	}
}
