package instrument

import (
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
