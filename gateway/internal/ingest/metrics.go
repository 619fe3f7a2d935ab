package ingest

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// Metrics count what happens to requests. Their labels are the names of
// configured sources and the closed set of reasons: nothing that a sender chooses.
type Metrics struct {
	received   *instrument.Tally
	accepted   *instrument.Tally
	bytes      *instrument.Tally
	refused    metric.Int64Counter
	verified   *instrument.Tally
	handshakes metric.Int64Counter
	duplicates metric.Int64Counter
	spooled    metric.Int64Counter
	objective  *instrument.Tally
	ack        metric.Float64Histogram

	undeduplicated metric.Int64Counter

	counts  sync.Map // of *counts, by the source's name
	unknown *labels  // of requests to no source

	strangers func() *instrument.Count // requests to no source
}

// counts are those of a source that every event adds to.
type counts struct {
	received, accepted, bytes, met, missed *instrument.Count

	proofs *instrument.Counts[proof]
}

// NewMetrics makes the instruments, and gauges of what the limits hold.
func NewMetrics(m metric.Meter, limits Limits) (*Metrics, error) {
	maker := instrument.From(m)
	metrics := &Metrics{
		received:   maker.Tally("penstock.received"),
		accepted:   maker.Tally("penstock.accepted"),
		bytes:      maker.Tally("penstock.accepted.bytes"),
		refused:    maker.Counter("penstock.refused"),
		verified:   maker.Tally("penstock.verified"),
		handshakes: maker.Counter("penstock.handshakes"),
		duplicates: maker.Counter("penstock.duplicates"),
		spooled:    maker.Counter("penstock.spooled"),
		objective:  maker.Tally("penstock.slo.ack"),
		ack:        maker.Histogram("penstock.ack.duration"),

		undeduplicated: maker.Counter("penstock.dedup.unavailable"),

		unknown: newLabels(unknownSource),
	}
	metrics.strangers = sync.OnceValue(func() *instrument.Count {
		return metrics.received.Of(attribute.String("source", unknownSource))
	})
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
	for name, s := range sources {
		m.countsOf(name)
		for _, c := range []metric.Int64Counter{m.duplicates, m.spooled, m.undeduplicated} {
			c.Add(ctx, 0, s.labels.source.Add...)
		}
	}
}

// countsOf returns the counts of a source. They outlive its configuration.
func (m *Metrics) countsOf(name string) *counts {
	if c, there := m.counts.Load(name); there {
		return c.(*counts) //nolint:forcetypeassert,errcheck // nothing else is stored
	}
	source := attribute.String("source", name)
	c, _ := m.counts.LoadOrStore(name, &counts{
		received: m.received.Of(source),
		accepted: m.accepted.Of(source),
		bytes:    m.bytes.Of(source),
		met:      m.objective.Of(source, attribute.Bool("met", true)),
		missed:   m.objective.Of(source, attribute.Bool("met", false)),
		proofs: instrument.NewCounts(m.verified, func(p proof) []attribute.KeyValue {
			return []attribute.KeyValue{source, attribute.String("method", p.method), attribute.String("key", p.key)}
		}),
	})
	return c.(*counts) //nolint:forcetypeassert,errcheck // as above
}

// record counts one finished request.
func (m *Metrics) record(ctx context.Context, r *Request, refusal *Refusal) {
	if r.source == nil {
		m.strangers().Add(1)
		m.refused.Add(ctx, 1, m.unknown.refusals.Of(refusal.Reason).Add...)
		return
	}
	c, l, took := m.countsOf(r.source.name), r.source.labels, time.Since(r.Arrived)
	c.received.Add(1)
	switch {
	case refusal != nil:
		m.refused.Add(ctx, 1, l.refusals.Of(refusal.Reason).Add...)
	case r.answer.EventID == "":
		m.handshakes.Add(ctx, 1, l.handshakes.Of(r.question).Add...)
	case r.duplicate:
		m.duplicates.Add(ctx, 1, l.source.Add...)
	default:
		c.accepted.Add(1)
		c.bytes.Add(int64(len(r.body)))
		m.ack.Record(ctx, took.Seconds(), l.source.Record...)
		if r.spooled {
			m.spooled.Add(ctx, 1, l.source.Add...)
		}
	}
	switch judge(r, refusal, took) {
	case met:
		c.met.Add(1)
	case missed:
		c.missed.Add(1)
	case excluded:
	}
}

// prove counts that a request of the source showed the key with the method.
func (m *Metrics) prove(s *Source, p proof) {
	m.countsOf(s.name).proofs.Of(p).Add(1)
}
