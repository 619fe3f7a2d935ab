package consume

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// orderedMetrics are what an ordered route counts besides.
type orderedMetrics struct {
	route      instrument.Labels
	partitions metric.Int64UpDownCounter
	parked     metric.Int64UpDownCounter
	filled     metric.Int64UpDownCounter
}

func newOrderedMetrics(m *instrument.Maker, route attribute.KeyValue) orderedMetrics {
	return orderedMetrics{
		route:      instrument.Label(route),
		partitions: m.UpDown("penstock.ordering.partitions"),
		parked:     m.UpDown("penstock.ordering.parked"),
		filled:     m.UpDown("penstock.ordering.full"),
	}
}

// active counts the partitions that this process works.
func (m orderedMetrics) active(ctx context.Context, n int64) {
	m.partitions.Add(ctx, n, m.route.Add...)
}

// hold counts the events that are parked in them.
func (m orderedMetrics) hold(ctx context.Context, n int) { m.parked.Add(ctx, int64(n), m.route.Add...) }

// fill counts those of them that have no room for more.
func (m orderedMetrics) fill(ctx context.Context, full bool) {
	n := int64(-1)
	if full {
		n = 1
	}
	m.filled.Add(ctx, n, m.route.Add...)
}
