package instrument

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Labels are a measurement's labels, made ready once, so that no measurement has to
// allocate them. They are not changed, and safe for concurrent use.
type Labels struct {
	Add    []metric.AddOption    // for counters
	Record []metric.RecordOption // for gauges and histograms
}

// Label makes labels.
func Label(labels ...attribute.KeyValue) Labels {
	set := metric.WithAttributeSet(attribute.NewSet(labels...))
	return Labels{Add: []metric.AddOption{set}, Record: []metric.RecordOption{set}}
}

// Cache keeps the labels of measurements that differ by a value of a small closed set.
// It is safe for concurrent use.
type Cache[K comparable] struct {
	label func(K) []attribute.KeyValue
	mu    sync.RWMutex
	made  map[K]Labels
}

// NewCache returns an empty cache of what label returns.
func NewCache[K comparable](label func(K) []attribute.KeyValue) *Cache[K] {
	return &Cache[K]{label: label, made: map[K]Labels{}}
}

// Of returns the labels for a value.
func (c *Cache[K]) Of(value K) Labels {
	c.mu.RLock()
	labels, there := c.made[value]
	c.mu.RUnlock()
	if there {
		return labels
	}
	labels = Label(c.label(value)...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[value] = labels
	return labels
}
