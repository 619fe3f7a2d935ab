package consume

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/instrument"
)

// metrics are what a route counts. Its labels are the route, and closed sets.
type metrics struct {
	attempts  metric.Int64Counter
	duration  metric.Float64Histogram
	running   metric.Int64UpDownCounter
	paused    metric.Int64Gauge
	unsettles metric.Int64Counter
	refusals  metric.Int64Counter // of dead letters
	ages      ages
	ordered   orderedMetrics

	route    instrument.Labels
	results  *instrument.Cache[result]
	outcomes *instrument.Cache[Outcome]
}

// result is what became of an event, and why.
type result struct {
	outcome Outcome
	reason  fault.Reason
}

// newMetrics makes the metrics of a route.
func newMetrics(route string, m metric.Meter) (*metrics, error) {
	maker, name := instrument.From(m), attribute.String("route", route)
	out := &metrics{
		attempts:  maker.Counter("penstock.attempts"),
		duration:  maker.Histogram("penstock.attempt.duration"),
		running:   maker.UpDown("penstock.attempts.running"),
		paused:    maker.Gauge("penstock.route.paused"),
		unsettles: maker.Counter("penstock.unsettled"),
		refusals:  maker.Counter("penstock.dead.refused"),
		ages:      newAges(maker, name),
		ordered:   newOrderedMetrics(maker, name),

		route: instrument.Label(name),
		results: instrument.NewCache(func(r result) []attribute.KeyValue {
			return []attribute.KeyValue{name, attribute.String("outcome", string(r.outcome)), attribute.String("reason", string(r.reason))}
		}),
		outcomes: instrument.NewCache(func(o Outcome) []attribute.KeyValue {
			return []attribute.KeyValue{name, attribute.String("outcome", string(o))}
		}),
	}
	return out, maker.Err()
}

// start lets the counters begin at 0, so that the first of something shows as an
// increase.
func (m *metrics) start(ctx context.Context) {
	m.attempts.Add(ctx, 0, m.results.Of(result{outcome: Delivered}).Add...)
	m.unsettles.Add(ctx, 0, m.route.Add...)
	m.refusals.Add(ctx, 0, m.route.Add...)
	m.running.Add(ctx, 0, m.route.Add...)
	m.ages.start(ctx)
	m.pause(ctx, false)
}

// begin counts an event as running until the function that it returns is called.
func (m *metrics) begin(ctx context.Context) (end func()) {
	m.running.Add(ctx, 1, m.route.Add...)
	return func() { m.running.Add(ctx, -1, m.route.Add...) }
}

func (m *metrics) record(ctx context.Context, v verdict, took time.Duration) {
	m.attempts.Add(ctx, 1, m.results.Of(result{v.outcome, v.reason}).Add...)
	m.duration.Record(ctx, took.Seconds(), m.outcomes.Of(v.outcome).Record...)
}

func (m *metrics) unsettled(ctx context.Context) { m.unsettles.Add(ctx, 1, m.route.Add...) }

func (m *metrics) refuseDead(ctx context.Context) { m.refusals.Add(ctx, 1, m.route.Add...) }

func (m *metrics) pause(ctx context.Context, paused bool) {
	var value int64
	if paused {
		value = 1
	}
	m.paused.Record(ctx, value, m.route.Record...)
}
