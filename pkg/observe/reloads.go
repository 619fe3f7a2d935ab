package observe

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

// Reloads counts what became of the configuration file's contents. It is safe for
// concurrent use.
type Reloads struct {
	accepted, refused atomic.Int64
	cause             atomic.Pointer[error] // why the file's present content was refused; nil: it was not
	read              atomic.Int64          // when the configuration in force was read, in nanoseconds since 1970; 0: nothing is in force
}

// NewReloads makes the metrics of a process that follows a configuration file.
func NewReloads(m metric.Meter) (*Reloads, error) {
	r, maker := new(Reloads), instrument.From(m)
	maker.Observe("penstock.config.reloads", func(_ context.Context, observe instrument.Observation) {
		observe(float64(r.accepted.Load()), attribute.String("result", "accepted"))
		observe(float64(r.refused.Load()), attribute.String("result", "refused"))
	})
	maker.Observe("penstock.config.last_reload_success", func(_ context.Context, observe instrument.Observation) {
		observe(map[bool]float64{false: 1}[r.cause.Load() != nil])
	})
	maker.Observe("penstock.config.read_time", func(_ context.Context, observe instrument.Observation) {
		if read := r.read.Load(); read > 0 {
			observe(float64(read) / float64(time.Second))
		}
	})
	return r, maker.Err()
}

// Accepted notes that the file, as it was read then, is in force.
func (r *Reloads) Accepted(read time.Time) {
	r.cause.Store(nil)
	r.read.Store(read.UnixNano())
	r.accepted.Add(1)
}

// Current reports why the newest configuration is not the one in force, or nil.
func (r *Reloads) Current() error {
	if cause := r.cause.Load(); cause != nil {
		return fmt.Errorf("the newest is refused, or a part of it, and the one before it stays in force there: %w", *cause)
	}
	return nil
}

// Cause reports why the newest configuration was refused, or nil. Its text is short enough for a page.
func (r *Reloads) Cause() error {
	if cause := r.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

// Refused notes that the file, or a part of it, was refused for a cause, and that the
// configuration in force stays so.
func (r *Reloads) Refused(cause error) {
	r.cause.Store(&cause)
	r.refused.Add(1)
}
