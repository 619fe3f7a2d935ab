package telemetry_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/telemetry"
)

// ask returns the page in the format that a scraper accepts.
func ask(tel *telemetry.Telemetry, accept string) *httptest.ResponseRecorder {
	page := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", accept)
	tel.Metrics.ServeHTTP(page, req)
	return page
}

func TestAHistogramIsNativeForWhoCanReadItAndClassicForAll(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	took, err := tel.Meter.Float64Histogram("penstock.took", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(.1, 1))
	require.NoError(t, err)
	took.Record(t.Context(), .5)
	took.Record(t.Context(), .7)

	text := ask(tel, "text/plain").Body.String()
	require.Contains(t, text, `penstock_took_seconds_bucket{le="1"} 2`)
	require.Contains(t, text, "penstock_took_seconds_sum 1.2")

	page := ask(tel, "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
	decoder := expfmt.NewDecoder(bytes.NewReader(page.Body.Bytes()), expfmt.ResponseFormat(page.Header()))
	for {
		var family dto.MetricFamily
		require.NoError(t, decoder.Decode(&family), "the histogram must be there")
		if family.GetName() != "penstock_took_seconds" {
			continue
		}
		h := family.GetMetric()[0].GetHistogram()
		require.NotEmpty(t, h.GetPositiveSpan(), "native buckets")
		require.Len(t, h.GetBucket(), 2, "classic buckets")
		require.EqualValues(t, 2, h.GetSampleCount())
		break
	}
	require.NoError(t, tel.Close(t.Context()))
}
