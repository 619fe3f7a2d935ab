package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Metrics count what happens to requests. Their labels are the names of
// configured sources and the closed set of reasons: nothing that a sender chooses.
type Metrics struct {
	received   metric.Int64Counter
	accepted   metric.Int64Counter
	refused    metric.Int64Counter
	handshakes metric.Int64Counter
	duplicates metric.Int64Counter
	ack        metric.Float64Histogram

	undeduplicated metric.Int64Counter
}

// NewMetrics makes the instruments, and gauges of what the limits hold.
func NewMetrics(m metric.Meter, limits Limits) (*Metrics, error) {
	var b builder
	metrics := &Metrics{
		received:   b.counter(m, "penstock.received", "requests to a source, or to none that exists"),
		accepted:   b.counter(m, "penstock.accepted", "events that the broker confirmed"),
		refused:    b.counter(m, "penstock.refused", "requests that were refused, by reason"),
		handshakes: b.counter(m, "penstock.handshakes", "questions of providers that were answered, by kind"),
		duplicates: b.counter(m, "penstock.duplicates", "events that were accepted before, and are answered as then"),

		undeduplicated: b.counter(m, "penstock.dedup.unavailable", "calls of the deduplication store that failed: duplicates are possible"),
	}
	metrics.ack = b.histogram(m, "penstock.ack.duration", "from the request's header to the reply to an accepted event")
	b.gauge(m, "penstock.in_flight", "requests in work", limits.Requests)
	b.gauge(m, "penstock.in_flight.bytes", "bytes of bodies in work", limits.Bytes)
	if err := errors.Join(b.errs...); err != nil {
		return nil, fmt.Errorf("make the gateway's metrics: %w", err)
	}
	return metrics, nil
}

// record counts one finished request.
func (m *Metrics) record(ctx context.Context, r *Request, refusal *Refusal) {
	source := r.labels()
	m.received.Add(ctx, 1, source)
	switch {
	case refusal != nil:
		m.refused.Add(ctx, 1, source, metric.WithAttributes(attribute.String("reason", refusal.Reason)))
	case r.answer.EventID == "":
		m.handshakes.Add(ctx, 1, source, metric.WithAttributes(attribute.String("kind", r.question)))
	case r.duplicate:
		m.duplicates.Add(ctx, 1, source)
	default:
		m.accepted.Add(ctx, 1, source)
		m.ack.Record(ctx, time.Since(r.Arrived).Seconds(), source)
	}
}

func (r *Request) labels() metric.MeasurementOption {
	if r.source == nil {
		return labelsOf(unknownSource)
	}
	return r.source.labels
}

func labelsOf(source string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("source", source)))
}

// builder makes instruments and keeps the errors.
type builder struct{ errs []error }

func (b *builder) counter(m metric.Meter, name, help string) metric.Int64Counter {
	c, err := m.Int64Counter(name, metric.WithDescription(help))
	b.errs = append(b.errs, err)
	return c
}

// ackBuckets are in seconds: a confirm takes milliseconds, an outage the publish timeout.
func ackBuckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
}

func (b *builder) histogram(m metric.Meter, name, help string) metric.Float64Histogram {
	h, err := m.Float64Histogram(name, metric.WithDescription(help), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(ackBuckets()...))
	b.errs = append(b.errs, err)
	return h
}

func (b *builder) gauge(m metric.Meter, name, help string, of *Budget) {
	_, err := m.Int64ObservableGauge(name, metric.WithDescription(help),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(of.Used())
			return nil
		}))
	b.errs = append(b.errs, err)
}
