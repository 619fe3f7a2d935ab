package ingest_test

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// TestHostileTimingOfWrongSignatures measures whether the answer to a wrong signature
// tells how much of it is right. Noise hides small differences and makes false ones, so
// it asserts nothing but that the measurement was made: that comparisons take constant
// time is by their construction, crypto/hmac.Equal and crypto/subtle. It is part of make
// test-hostile, which shows what it logs.
func TestHostileTimingOfWrongSignatures(t *testing.T) { //nolint:paralleltest // it measures time
	if os.Getenv("PENSTOCK_HOSTILE") != "full" {
		t.Skip("skipped: a measurement, part of make test-hostile")
	}
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	b := setupWhole(t, githubSource, limits, new(fakePublisher), zap.NewNop(), func(o *ingest.Options) { o.Suspects = ingest.NewSuspects(0) })
	right := strings.TrimPrefix(sign("{}"), "sha256=")
	wrong := map[string]string{
		"in the first byte": flipped(right, 0),
		"in the last byte":  flipped(right, len(right)-1),
	}
	const rounds = 5_000
	took := map[string][]float64{}
	for range rounds {
		for name, signature := range wrong { // in turn: what disturbs one disturbs the other
			r := github("{}")
			r.HTTP.Header.Set("X-Hub-Signature-256", "sha256="+signature)
			began := time.Now()
			_, err := b.Serve(t.Context(), r)
			took[name] = append(took[name], float64(time.Since(began).Nanoseconds()))
			require.ErrorContains(t, err, "mismatch")
		}
	}
	first, last := took["in the first byte"], took["in the last byte"]
	a, c := median(first), median(last)
	t.Logf("%d requests each: median %.0f ns when the first byte is wrong, %.0f ns when the last one is; the difference is %.1f %% of the usual deviation",
		rounds, a, c, 100*math.Abs(a-c)/max(deviation(first, a), 1))
}

// flipped changes one hexadecimal digit.
func flipped(signature string, at int) string {
	digit := byte('0')
	if signature[at] == digit {
		digit = '1'
	}
	return signature[:at] + string(digit) + signature[at+1:]
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// deviation is the median of the distances from the middle, which outliers do not move.
func deviation(values []float64, middle float64) float64 {
	distances := make([]float64, len(values))
	for i, v := range values {
		distances[i] = math.Abs(v - middle)
	}
	return median(distances)
}
