package deliver_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/worker/internal/deliver"
)

func TestTheStateOfTheBreakerIsShown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(status(http.StatusInternalServerError))
	t.Cleanup(server.Close)
	reader := sdkmetric.NewManualReader()
	d, err := deliver.New(settings(server.URL), deliver.Options{Meter: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test")})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	state := func() int64 {
		var all metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(t.Context(), &all))
		one := all.ScopeMetrics[0].Metrics[0]
		require.Equal(t, "penstock.breaker.state", one.Name)
		points := one.Data.(metricdata.Gauge[int64]).DataPoints
		require.Len(t, points, 1)
		return points[0].Value
	}
	require.EqualValues(t, 0, state(), "closed")
	e := sample()
	e.Attempt = 1
	for range 100 {
		if errors.Is(handle(t, d, e), consume.ErrHandBack) {
			break
		}
	}
	require.EqualValues(t, 2, state(), "open")
}
