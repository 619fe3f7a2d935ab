//go:build load

package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSickDestinationsHurtNobodyElse sends the same load to ten routes twice in one
// run: while all destinations are well, and while three are sick.
func TestSickDestinationsHurtNobodyElse(t *testing.T) {
	const (
		routes, well = 10, 7
		rate         = 50 // events a second for each route
	)
	seconds := scaled(t, 15)
	var sick atomic.Bool
	ailments := []func(http.ResponseWriter, *http.Request){
		func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		},
	}
	var receivers []*tally
	var destinations, all strings.Builder
	for i := range routes {
		r := newTally(t, func(w http.ResponseWriter, r *http.Request) bool {
			if i < well || !sick.Load() {
				return true
			}
			ailments[i-well](w, r)
			return false
		})
		receivers = append(receivers, r)
		fmt.Fprintf(&destinations, "  d%d: {url: %q, timeout: 10s}\n", i, r.URL)
		fmt.Fprintf(&all, "  r%d: {from: [shop], types: [t%d], to: d%d}\n", i, i, i)
	}
	w := setup(t, "sources:\n  shop: {open: true}\ndestinations:\n"+destinations.String()+"routes:\n"+all.String())
	w.startQuietly(t)
	phase := func() (delivered int, slowest time.Duration) {
		var sending sync.WaitGroup
		for i := range routes {
			sending.Go(func() {
				ticks := time.NewTicker(time.Second / rate)
				defer ticks.Stop()
				for range rate * seconds {
					<-ticks.C
					w.publish(t, fmt.Sprintf("t%d", i))
				}
			})
		}
		sending.Wait()
		for _, r := range receivers[:well] {
			ages := r.takeAges()
			delivered += len(ages)
			slowest = max(slowest, p99(ages))
		}
		return delivered, slowest
	}
	phase() // warm
	for _, r := range receivers {
		r.takeAges()
	}
	calmCount, calmP99 := phase()
	sick.Store(true)
	sickCount, sickP99 := phase()
	share := float64(sickCount) / float64(calmCount)
	fmt.Printf("isolation: the seven that are well got %d events while all were, %d (%.1f %%) while three were sick; worst p99 %s and %s\n",
		calmCount, sickCount, 100*share, calmP99.Round(time.Microsecond), sickP99.Round(time.Microsecond))
	for i, name := range []string{"hangs", "answers 500", "answers 429"} {
		r := receivers[well+i]
		fmt.Printf("isolation: the one that %s saw at most %d requests at once\n", name, r.most.Load())
		require.LessOrEqual(t, r.most.Load(), int64(16))
	}
	require.GreaterOrEqual(t, share, 0.9)
}
