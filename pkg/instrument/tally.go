package instrument

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Tally is a counter of what happens to every event. To count is one atomic addition, a
// tenth of what a [metric.Int64Counter] takes: the counts are read when the metrics are.
// Who counts keeps the [Count] of its labels. It is safe for concurrent use.
type Tally struct {
	mu     sync.RWMutex
	counts map[attribute.Distinct]*Count
}

// Count is what a tally has counted with some labels. It is safe for concurrent use.
type Count struct {
	n      atomic.Int64
	labels metric.MeasurementOption
}

// Add adds n, which is not negative.
func (c *Count) Add(n int64) { c.n.Add(n) }

// Tally makes a counter that is a tally.
func (m *Maker) Tally(name string) *Tally {
	t := &Tally{counts: map[attribute.Distinct]*Count{}}
	d := m.find(name, Counter)
	_, err := m.meter.Int64ObservableCounter(d.Name, metric.WithDescription(d.Help), metric.WithUnit(d.Unit), metric.WithInt64Callback(t.tell))
	m.note(err)
	return t
}

// Of returns the count of these labels, the same one each time. It begins at 0, and is
// shown from then on.
func (t *Tally) Of(labels ...attribute.KeyValue) *Count {
	set := attribute.NewSet(labels...)
	t.mu.Lock()
	defer t.mu.Unlock()
	c, there := t.counts[set.Equivalent()]
	if !there {
		c = &Count{labels: metric.WithAttributeSet(set)}
		t.counts[set.Equivalent()] = c
	}
	return c
}

func (t *Tally) tell(_ context.Context, o metric.Int64Observer) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, c := range t.counts {
		o.Observe(c.n.Load(), c.labels)
	}
	return nil
}

// Counts keeps the counts of a tally that differ by a value of a small closed set. It is
// safe for concurrent use.
type Counts[K comparable] struct {
	tally *Tally
	label func(K) []attribute.KeyValue
	mu    sync.RWMutex
	made  map[K]*Count
}

// NewCounts returns the counts of the tally that have the labels that label returns.
func NewCounts[K comparable](tally *Tally, label func(K) []attribute.KeyValue) *Counts[K] {
	return &Counts[K]{tally: tally, label: label, made: map[K]*Count{}}
}

// Of returns the count of a value, the same one each time.
func (c *Counts[K]) Of(value K) *Count {
	c.mu.RLock()
	count, there := c.made[value]
	c.mu.RUnlock()
	if there {
		return count
	}
	count = c.tally.Of(c.label(value)...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[value] = count
	return count
}
