package instrument

import "slices"

// Kind is what a metric does.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter"   // only grows, until the process ends
	Gauge     Kind = "gauge"     // goes up and down
	Histogram Kind = "histogram" // how values are spread
)

// The processes.
const (
	Gateway   = "gateway"
	Deliverer = "deliverer"
	Tracker   = "tracker"
)

// Metric describes one metric.
type Metric struct {
	Name      string // as OpenTelemetry has it
	Kind      Kind
	Unit      string    // of UCUM: s, By, or empty for a plain number
	Help      string    // one sentence
	Labels    []string  // in the order of the page
	Processes []string  // which expose it
	Buckets   []float64 // upper bounds of a Histogram, in the unit
}

// Table returns all metrics, by the process that they matter most to.
func Table() []Metric {
	return slices.Concat(gateway(), spool(), quarantine(), deliverer(), tracker(), shared())
}

// lookup returns the metric of that name.
func lookup(name string) (Metric, bool) {
	all := Table()
	i := slices.IndexFunc(all, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return all[i], true
}
