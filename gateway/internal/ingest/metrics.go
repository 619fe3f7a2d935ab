package ingest

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// Metrics count what happens to requests. Their labels are the names of
// configured sources and the closed set of reasons: nothing that a sender chooses.
type Metrics struct {
	received   metric.Int64Counter
	accepted   metric.Int64Counter
	bytes      metric.Int64Counter
	refused    metric.Int64Counter
	verified   metric.Int64Counter
	handshakes metric.Int64Counter
	duplicates metric.Int64Counter
	spooled    metric.Int64Counter
	objective  metric.Int64Counter
	ack        metric.Float64Histogram

	undeduplicated metric.Int64Counter

	unknown *labels // of requests to no source
}

// NewMetrics makes the instruments, and gauges of what the limits hold.
func NewMetrics(m metric.Meter, limits Limits) (*Metrics, error) {
	maker := instrument.From(m)
	metrics := &Metrics{
		received:   maker.Counter("penstock.received"),
		accepted:   maker.Counter("penstock.accepted"),
		bytes:      maker.Counter("penstock.accepted.bytes"),
		refused:    maker.Counter("penstock.refused"),
		verified:   maker.Counter("penstock.verified"),
		handshakes: maker.Counter("penstock.handshakes"),
		duplicates: maker.Counter("penstock.duplicates"),
		spooled:    maker.Counter("penstock.spooled"),
		objective:  maker.Counter("penstock.slo.ack"),
		ack:        maker.Histogram("penstock.ack.duration"),

		undeduplicated: maker.Counter("penstock.dedup.unavailable"),

		unknown: newLabels(unknownSource),
	}
	limits.Requests.observe(maker, "penstock.in_flight", "penstock.in_flight.limit")
	limits.Bytes.observe(maker, "penstock.in_flight.bytes", "penstock.in_flight.limit.bytes")
	return metrics, maker.Err()
}

// observe shows how much of the budget is taken, and how much there is.
func (b *Budget) observe(m *instrument.Maker, used, limit string) {
	m.Observe(used, func(_ context.Context, observe instrument.Observation) { observe(float64(b.Used())) })
	m.Observe(limit, func(_ context.Context, observe instrument.Observation) { observe(float64(b.limit)) })
}

// Begin lets the counters of each source begin at 0, so that the first of something
// shows as an increase.
func (m *Metrics) Begin(ctx context.Context, sources Sources) {
	for _, s := range sources {
		for _, c := range []metric.Int64Counter{m.received, m.accepted, m.bytes, m.duplicates, m.spooled, m.undeduplicated} {
			c.Add(ctx, 0, s.labels.source.Add...)
		}
		m.objective.Add(ctx, 0, s.labels.met.Add...)
		m.objective.Add(ctx, 0, s.labels.missed.Add...)
	}
}

// record counts one finished request.
func (m *Metrics) record(ctx context.Context, r *Request, refusal *Refusal) {
	l, took := m.labelsOf(r), time.Since(r.Arrived)
	m.received.Add(ctx, 1, l.source.Add...)
	switch {
	case refusal != nil:
		m.refused.Add(ctx, 1, l.refusals.Of(refusal.Reason).Add...)
	case r.answer.EventID == "":
		m.handshakes.Add(ctx, 1, l.handshakes.Of(r.question).Add...)
	case r.duplicate:
		m.duplicates.Add(ctx, 1, l.source.Add...)
	default:
		m.accepted.Add(ctx, 1, l.source.Add...)
		m.bytes.Add(ctx, int64(len(r.body)), l.source.Add...)
		m.ack.Record(ctx, took.Seconds(), l.source.Record...)
		if r.spooled {
			m.spooled.Add(ctx, 1, l.source.Add...)
		}
	}
	switch judge(r, refusal, took) {
	case met:
		m.objective.Add(ctx, 1, l.met.Add...)
	case missed:
		m.objective.Add(ctx, 1, l.missed.Add...)
	case excluded:
	}
}

func (m *Metrics) labelsOf(r *Request) *labels {
	if r.source == nil {
		return m.unknown
	}
	return r.source.labels
}

// prove counts that a request of the source showed the key with the method.
func (m *Metrics) prove(ctx context.Context, s *Source, p proof) {
	m.verified.Add(ctx, 1, s.labels.proofs.Of(p).Add...)
}
