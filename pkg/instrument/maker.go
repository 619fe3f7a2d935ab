package instrument

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Maker makes instruments of the table, and keeps the errors for Err. What it returns
// after an error does nothing. It belongs to one goroutine.
type Maker struct {
	meter metric.Meter
	errs  []error
}

// From returns a maker that makes its instruments with m.
func From(m metric.Meter) *Maker { return &Maker{meter: m} }

// Err returns every error so far, joined: a name that is not in the table, or is there
// as another kind, and what the meter refused.
func (m *Maker) Err() error {
	if err := errors.Join(m.errs...); err != nil {
		return fmt.Errorf("make the metrics: %w", err)
	}
	return nil
}

// Counter makes a counter.
func (m *Maker) Counter(name string) metric.Int64Counter {
	d := m.find(name, Counter)
	c, err := m.meter.Int64Counter(d.Name, metric.WithDescription(d.Help), metric.WithUnit(d.Unit))
	m.note(err)
	return c
}

// UpDown makes a gauge that is a sum of what comes and goes.
func (m *Maker) UpDown(name string) metric.Int64UpDownCounter {
	d := m.find(name, Gauge)
	c, err := m.meter.Int64UpDownCounter(d.Name, metric.WithDescription(d.Help), metric.WithUnit(d.Unit))
	m.note(err)
	return c
}

// Gauge makes a gauge that is what was recorded last.
func (m *Maker) Gauge(name string) metric.Int64Gauge {
	d := m.find(name, Gauge)
	g, err := m.meter.Int64Gauge(d.Name, metric.WithDescription(d.Help), metric.WithUnit(d.Unit))
	m.note(err)
	return g
}

// Histogram makes a histogram.
func (m *Maker) Histogram(name string) metric.Float64Histogram {
	d := m.find(name, Histogram)
	h, err := m.meter.Float64Histogram(d.Name, metric.WithDescription(d.Help), metric.WithUnit(d.Unit),
		metric.WithExplicitBucketBoundaries(d.Buckets...))
	m.note(err)
	return h
}

// Observation takes what a metric is at the moment.
type Observation func(value float64, labels ...attribute.KeyValue)

// Observe makes a gauge or a counter whose values are asked for when the metrics are
// read. ask must return soon, and may be called from any goroutine.
func (m *Maker) Observe(name string, ask func(ctx context.Context, observe Observation)) {
	d, known := lookup(name)
	if !known {
		m.find(name, Gauge)
		return
	}
	var err error
	help, unit := metric.WithDescription(d.Help), metric.WithUnit(d.Unit)
	callback := metric.WithFloat64Callback(func(ctx context.Context, o metric.Float64Observer) error {
		ask(ctx, func(value float64, labels ...attribute.KeyValue) { o.Observe(value, metric.WithAttributes(labels...)) })
		return nil
	})
	switch d.Kind {
	case Counter:
		_, err = m.meter.Float64ObservableCounter(d.Name, help, unit, callback)
	case Gauge:
		_, err = m.meter.Float64ObservableGauge(d.Name, help, unit, callback)
	case Histogram:
		err = fmt.Errorf("%s is a histogram, which cannot be asked for", name)
	}
	m.note(err)
}

func (m *Maker) find(name string, kind Kind) Metric {
	d, known := lookup(name)
	switch {
	case !known:
		m.note(fmt.Errorf("%s is not in the table", name))
	case d.Kind != kind:
		m.note(fmt.Errorf("%s is a %s in the table, not a %s", name, d.Kind, kind))
	default:
		return d
	}
	return Metric{Name: name}
}

func (m *Maker) note(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}
