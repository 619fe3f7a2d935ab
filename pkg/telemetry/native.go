package telemetry

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// How fine native histograms are: as many buckets as OpenTelemetry has by default, and
// the finest scale that Prometheus knows.
const (
	nativeBuckets = 160
	nativeScale   = 8
)

// native keeps every histogram a second time, with exponential buckets, which
// Prometheus calls native. A server that asks for them in its own format gets both
// kinds in one; the text page has no way to write them and shows the classic buckets.
type native struct {
	reader   *otelprom.Exporter
	registry *prometheus.Registry
}

func newNative() (*native, error) {
	registry := prometheus.NewRegistry()
	reader, err := otelprom.New(otelprom.WithRegisterer(registry), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo(),
		otelprom.WithAggregationSelector(func(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
			if kind != sdkmetric.InstrumentKindHistogram {
				return sdkmetric.AggregationDrop{}
			}
			return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: nativeBuckets, MaxScale: nativeScale}
		}))
	if err != nil {
		return nil, fmt.Errorf("set up the reader of native histograms: %w", err)
	}
	return &native{reader, registry}, nil
}

// beside returns what gathers the metrics of classic, with native buckets added to its
// histograms.
func (n *native) beside(classic prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := classic.Gather()
		if err != nil {
			return families, err
		}
		exponential, err := n.registry.Gather()
		if err != nil {
			return families, err
		}
		found := map[string]*dto.Histogram{}
		for _, f := range exponential {
			for _, m := range f.GetMetric() {
				found[key(f, m)] = m.GetHistogram()
			}
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				addNative(m.GetHistogram(), found[key(f, m)])
			}
		}
		return families, nil
	})
}

// key tells the series apart. Labels are sorted by the exporter.
func key(f *dto.MetricFamily, m *dto.Metric) string {
	parts := []string{f.GetName()}
	for _, l := range m.GetLabel() {
		parts = append(parts, l.GetName(), l.GetValue())
	}
	return strings.Join(parts, "\x00")
}

// addNative copies the exponential buckets. Counts were read a moment apart: only when
// they agree do both kinds say the same, as the format demands.
func addNative(to, from *dto.Histogram) {
	if to == nil || from == nil || to.GetSampleCount() != from.GetSampleCount() {
		return
	}
	to.Schema, to.ZeroThreshold, to.ZeroCount = from.Schema, from.ZeroThreshold, from.ZeroCount
	to.PositiveSpan, to.PositiveDelta = from.GetPositiveSpan(), from.GetPositiveDelta()
	to.NegativeSpan, to.NegativeDelta = from.GetNegativeSpan(), from.GetNegativeDelta()
}
