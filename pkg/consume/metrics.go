package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics are what a route counts. Its labels are the route, and closed sets.
type metrics struct {
	route     attribute.KeyValue
	attempts  metric.Int64Counter
	duration  metric.Float64Histogram
	running   metric.Int64UpDownCounter
	paused    metric.Int64Gauge
	unsettles metric.Int64Counter
	ordered   orderedMetrics
}

func newMetrics(route string, m metric.Meter) (*metrics, error) {
	attempts, err1 := m.Int64Counter("penstock.attempts",
		metric.WithDescription("Events that went through a route's pipeline, by what became of them and why."))
	duration, err2 := m.Float64Histogram("penstock.attempt.duration", metric.WithUnit("s"),
		metric.WithDescription("Time from an event's delivery by the broker to the decision about it."),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60))
	running, err3 := m.Int64UpDownCounter("penstock.attempts.running",
		metric.WithDescription("Events that are being handled or settled."))
	paused, err4 := m.Int64Gauge("penstock.route.paused",
		metric.WithDescription("1 while a route consumes nothing, because its destination or the broker asked for a pause."))
	unsettles, err5 := m.Int64Counter("penstock.unsettled",
		metric.WithDescription("Events that could not be settled and will come again."))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, fmt.Errorf("make the metrics: %w", err)
	}
	ordered, err := newOrderedMetrics(route, m)
	if err != nil {
		return nil, err
	}
	return &metrics{attribute.String("route", route), attempts, duration, running, paused, unsettles, ordered}, nil
}

// begin counts an event as running until the function that it returns is called.
func (m *metrics) begin(ctx context.Context) (end func()) {
	m.running.Add(ctx, 1, metric.WithAttributes(m.route))
	return func() { m.running.Add(ctx, -1, metric.WithAttributes(m.route)) }
}

func (m *metrics) record(ctx context.Context, v verdict, took time.Duration) {
	outcome := attribute.String("outcome", string(v.outcome))
	reason := attribute.String("reason", string(v.reason))
	m.attempts.Add(ctx, 1, metric.WithAttributes(m.route, outcome, reason))
	m.duration.Record(ctx, took.Seconds(), metric.WithAttributes(m.route, outcome))
}

func (m *metrics) unsettled(ctx context.Context) {
	m.unsettles.Add(ctx, 1, metric.WithAttributes(m.route))
}

func (m *metrics) pause(ctx context.Context, paused bool) {
	var value int64
	if paused {
		value = 1
	}
	m.paused.Record(ctx, value, metric.WithAttributes(m.route))
}
