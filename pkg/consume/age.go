package consume

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/instrument"
)

// Soon is the objective: an event is delivered within so long of its acceptance.
const Soon = time.Minute

// ages measure how old events are when something becomes of them. The route's delay does not
// count: an event that waits for it is not late.
type ages struct {
	first, delivery    metric.Float64Histogram
	objective          metric.Int64Counter
	route, met, missed instrument.Labels
}

func newAges(m *instrument.Maker, route attribute.KeyValue) ages {
	return ages{
		first:     m.Histogram("penstock.first_attempt.delay"),
		delivery:  m.Histogram("penstock.delivery.duration"),
		objective: m.Counter("penstock.slo.delivery"),
		route:     instrument.Label(route),
		met:       instrument.Label(route, attribute.Bool("met", true)),
		missed:    instrument.Label(route, attribute.Bool("met", false)),
	}
}

func (a ages) start(ctx context.Context) {
	a.objective.Add(ctx, 0, a.met.Add...)
	a.objective.Add(ctx, 0, a.missed.Add...)
}

// record measures an event at its verdict. A replay is as old as its event, and says
// nothing about how fast things are.
func (a ages) record(ctx context.Context, e *event.Event, v verdict, age time.Duration) {
	if e.Replay.ID != "" {
		return
	}
	if e.Attempt <= 1 && v.tried {
		a.first.Record(ctx, max(age-v.took, 0).Seconds(), a.route.Record...)
	}
	if v.outcome == Delivered {
		a.delivery.Record(ctx, age.Seconds(), a.route.Record...)
	}
	switch counts, met := objective(e, v, age); {
	case !counts:
	case met:
		a.objective.Add(ctx, 1, a.met.Add...)
	default:
		a.objective.Add(ctx, 1, a.missed.Add...)
	}
}

// objective tells whether the verdict decides that the event is delivered soon enough,
// or that it is not: as soon as its next attempt comes too late, because while a
// destination is down nothing is delivered late. One that was too old when this attempt
// began was counted at an earlier one.
func objective(e *event.Event, v verdict, age time.Duration) (counts, met bool) {
	counted := e.Attempt > 1 && age-v.took > Soon
	switch v.outcome {
	case Delivered:
		return !counted, age <= Soon
	case Dead:
		return !counted, false
	case Retrying:
		return !counted && age+v.delay > Soon, false
	default:
		return false, false
	}
}
