package instrument_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/penstock/penstock/pkg/instrument"
)

//go:generate go test -run ^TestThePageListsTheTable$ -update .

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const page = "../../docs/metrics.md"

const head = `# Metrics

Each process serves these at ` + "`/metrics`" + ` of its admin listener: the gateway on ` + "`:9090`" + `, the deliverer on ` + "`:9091`" + `, the
tracker on ` + "`:9092`" + `. They are made through OpenTelemetry, and go to a collector as well when ` + "`OTEL_METRICS_EXPORTER=otlp`" + `
or an OTLP endpoint is set. This page is made from the table in ` + "`pkg/instrument`" + `.

Labels are names that the operator gave, and closed sets: nothing that a sender chooses is ever one. A counter of a source
or a route begins at 0 as soon as that is configured.

Histograms have classic buckets, and native ones as well for a Prometheus that asks for them (2.40 to 3.7:
` + "`--enable-feature=native-histograms`" + `; later: ` + "`scrape_native_histograms: true`" + `). It then keeps the native ones only,
unless ` + "`always_scrape_classic_histograms: true`" + ` says otherwise; the dashboards and rules that come with Penstock work with
both.

Besides, every process has the ` + "`go_*`" + ` and ` + "`process_*`" + ` metrics of the Prometheus client library, and ` + "`target_info`" + ` with its
` + "`service_name`" + ` and ` + "`service_version`" + `.

| metric | kind | labels | from | what it says |
|---|---|---|---|---|
`

func TestThePageListsTheTable(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	want.WriteString(head)
	for _, m := range instrument.Table() {
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s | %s |\n",
			exposed(t, m), m.Kind, quoted(m.Labels), strings.Join(m.Processes, ", "), m.Help)
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want.String()), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want.String(), string(got), "docs/metrics.md is out of date: run go generate ./pkg/instrument")
}

// exposed returns the name that Prometheus sees.
func exposed(t *testing.T, m instrument.Metric) string {
	t.Helper()
	registry := prometheus.NewRegistry()
	reader, err := otelprom.New(otelprom.WithRegisterer(registry), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo())
	require.NoError(t, err)
	provide := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	measureOnce(t, provide.Meter("test"), m)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1, m.Name)
	return families[0].GetName()
}

func measureOnce(t *testing.T, meter metric.Meter, m instrument.Metric) {
	t.Helper()
	maker, labels := instrument.From(meter), instrument.Label()
	switch m.Kind {
	case instrument.Counter:
		maker.Counter(m.Name).Add(t.Context(), 1, labels.Add...)
	case instrument.Gauge:
		maker.Gauge(m.Name).Record(t.Context(), 1, labels.Record...)
	case instrument.Histogram:
		maker.Histogram(m.Name).Record(t.Context(), 1, labels.Record...)
	}
	require.NoError(t, maker.Err())
}

func quoted(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return "`" + strings.Join(labels, "`, `") + "`"
}

func TestEveryMetricSaysWhatItIsOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range instrument.Table() {
		require.False(t, seen[m.Name], "%s is there twice", m.Name)
		seen[m.Name] = true
		require.True(t, strings.HasPrefix(m.Name, "penstock."), m.Name)
		require.True(t, strings.HasSuffix(m.Help, "."), m.Name)
		require.NotEmpty(t, m.Processes, m.Name)
		require.Equal(t, m.Kind == instrument.Histogram, len(m.Buckets) > 0, m.Name)
		require.IsIncreasing(t, append([]float64{-1}, m.Buckets...), m.Name)
		require.NotContains(t, m.Labels, "type", "%s: a sender chooses the type of an event", m.Name)
	}
}

func TestWhatIsNotInTheTableCannotBeMade(t *testing.T) {
	t.Parallel()
	meter := sdkmetric.NewMeterProvider().Meter("test")
	for name, use := range map[string]func(*instrument.Maker){
		"penstock.unheard is not in the table": func(m *instrument.Maker) { m.Counter("penstock.unheard") },
		"penstock.unseen is not in the table": func(m *instrument.Maker) {
			m.Observe("penstock.unseen", nil)
		},
		"penstock.received is a counter in the table, not a gauge":        func(m *instrument.Maker) { m.Gauge("penstock.received") },
		"penstock.ack.duration is a histogram, which cannot be asked for": func(m *instrument.Maker) { m.Observe("penstock.ack.duration", nil) },
	} {
		maker := instrument.From(meter)
		use(maker)
		require.ErrorContains(t, maker.Err(), name)
	}
}

func TestALabelledMeasurementAllocatesNothing(t *testing.T) { //nolint:paralleltest // allocations of others would count
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	maker := instrument.From(provider.Meter("test"))
	received, took := maker.Counter("penstock.received"), maker.Histogram("penstock.ack.duration")
	require.NoError(t, maker.Err())
	labels, ctx := instrument.Label(attribute.String("source", "github")), t.Context()
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		received.Add(ctx, 1, labels.Add...)
		took.Record(ctx, .01, labels.Record...)
	}))
}
