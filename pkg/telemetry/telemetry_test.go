package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACounterAppearsOnTheMetricsPage(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	counter, err := tel.Meter.Int64Counter("penstock.received")
	require.NoError(t, err)
	counter.Add(t.Context(), 3)

	page := httptest.NewRecorder()
	tel.Metrics.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, page.Body.String(), "penstock_received_total 3")
	require.Contains(t, page.Body.String(), "go_goroutines")
	require.NoError(t, tel.Close(t.Context()))
}

func TestTracesAreExportedOnlyWhenAskedFor(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "")
	quiet, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	_, span := quiet.Tracer.Start(t.Context(), "work")
	require.False(t, span.IsRecording())
	require.NoError(t, quiet.Close(t.Context()))

	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	none, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	_, span = none.Tracer.Start(t.Context(), "work")
	require.False(t, span.IsRecording())
	require.NoError(t, none.Close(t.Context()))

	t.Setenv("OTEL_TRACES_EXPORTER", "console")
	loud, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	_, span = loud.Tracer.Start(t.Context(), "work")
	require.True(t, span.IsRecording())
	span.End()
	require.NoError(t, loud.Close(t.Context()))

	t.Setenv("OTEL_TRACES_EXPORTER", "nowhere")
	_, err = telemetry.Start(t.Context(), "test")
	require.ErrorContains(t, err, "set up the trace exporter")
}
