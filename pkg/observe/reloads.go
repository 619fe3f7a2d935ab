package observe

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// Reloads counts what became of the configuration file's contents. It is safe for
// concurrent use.
type Reloads struct {
	count             metric.Int64Counter
	accepted, refused instrument.Labels
	bad               atomic.Bool // the file's present content was refused
}

// NewReloads makes the metrics of a process that follows a configuration file.
func NewReloads(m metric.Meter) (*Reloads, error) {
	maker := instrument.From(m)
	r := &Reloads{
		count:    maker.Counter("penstock.config.reloads"),
		accepted: instrument.Label(attribute.String("result", "accepted")),
		refused:  instrument.Label(attribute.String("result", "refused")),
	}
	maker.Observe("penstock.config.last_reload_success", func(_ context.Context, observe instrument.Observation) {
		observe(map[bool]float64{false: 1}[r.bad.Load()])
	})
	r.count.Add(context.Background(), 0, r.refused.Add...)
	return r, maker.Err()
}

// Accepted notes that the file is in force as it is.
func (r *Reloads) Accepted() {
	r.bad.Store(false)
	r.count.Add(context.Background(), 1, r.accepted.Add...)
}

// Refused notes that the file was refused, and what was in force stays so.
func (r *Reloads) Refused() {
	r.bad.Store(true)
	r.count.Add(context.Background(), 1, r.refused.Add...)
}
