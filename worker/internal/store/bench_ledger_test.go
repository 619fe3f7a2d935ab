//go:build benchmark

package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// measureLedger asks what the ledger asks every few seconds, about a route with a long
// backlog and one without.
func measureLedger(t *testing.T, b *bench) {
	now := time.Now()
	for name, ask := range map[string]func() (int, error){
		"silent, counted, long backlog": func() (int, error) { return b.CountSilent(b.ctx, "route-7", time.Time{}, now, 100_000) },
		"silent, counted":               func() (int, error) { return b.CountSilent(b.ctx, "route-3", time.Time{}, now, 100_000) },
		"1000 longest silent": func() (int, error) {
			all, err := b.Silent(b.ctx, "route-7", time.Time{}, now, 1000)
			return len(all), err
		},
		"5000 delayed": func() (int, error) {
			all, err := b.Delayed(b.ctx, "route-3", now.Add(-2*time.Hour), 5000)
			return len(all), err
		},
	} {
		times := make([]time.Duration, 0, 40)
		found := 0
		for range cap(times) {
			began := time.Now()
			n, err := ask()
			require.NoError(t, err)
			times, found = append(times, time.Since(began)), n
		}
		slices.Sort(times)
		t.Logf("%-30s median %8v, 95 %% %8v, slowest %8v (%d found)", name, round(times[20]), round(times[37]), round(times[39]), found)
	}
}
