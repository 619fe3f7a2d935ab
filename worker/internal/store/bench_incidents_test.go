//go:build benchmark

package store_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// TestManyFailures stores failures of fifty kinds, and the same failures without a reason, which
// no incident takes, in turn: the ratio is the price of incidents. The environment variable
// PENSTOCK_BENCH_FAILURES says how many.
func TestManyFailures(t *testing.T) {
	total, err := strconv.ParseInt(os.Getenv("PENSTOCK_BENCH_FAILURES"), 10, 64)
	if err != nil {
		total = 100_000
	}
	folded, plain := open(t.Context(), t, sqlite(t)), open(t.Context(), t, sqlite(t))
	var took, without time.Duration
	const size = 2000
	for from := int64(0); from < total; from += size {
		took += timeFailures(t, folded, from, size, true)
		without += timeFailures(t, plain, from, size, false)
	}
	all := folded.incidents(t, store.IncidentQuery{Limit: 500})
	require.Len(t, all, 50)
	failures := int64(0)
	for i := range all {
		failures += all[i].Failures
	}
	require.Equal(t, total, failures)
	require.Empty(t, plain.incidents(t, store.IncidentQuery{}))
	rate := func(d time.Duration) float64 { return float64(total) / d.Seconds() }
	t.Logf("%d failures fold into %d incidents: %.0f/s, without incidents %.0f/s: ratio %.3f", total, len(all), rate(took), rate(without), rate(took)/rate(without))
}

func timeFailures(t *testing.T, b *bench, from, size int64, folded bool) time.Duration {
	t.Helper()
	batch := store.Batch{Records: make([]status.Record, size)}
	for i := range size {
		n := from + i
		r := record(n, fmt.Sprintf("route-%d", n%10), status.Dead)
		form := "%s: order %d is refused (request %08x)"
		if n%10 >= 5 { // half of the routes answer in JSON
			form = `{"error": "%s", "order": %d, "request": "%08x"}`
		}
		r.HTTPStatus, r.Answer = 422, fmt.Appendf(nil, form, benchWords[n/10%5], n, n)
		if folded {
			r.Reason = fault.ReasonRejected
		}
		batch.Records[i] = r
	}
	began := time.Now()
	b.apply(t, batch)
	return time.Since(began)
}

var benchWords = []string{"NullPointerException", "no such customer", "out of stock", "timeout of the database", "duplicate key"}
