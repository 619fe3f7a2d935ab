//go:build load

package app_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestThroughput compares the deliverer with a bare client, in turns, at the same
// concurrency and to the same receiver.
func TestThroughput(t *testing.T) {
	for _, latency := range []time.Duration{0, 5 * time.Millisecond} {
		const concurrency, turns = 32, 5
		events := scaled(t, 10_000)
		r := newTally(t, func(http.ResponseWriter, *http.Request) bool {
			if latency > 0 {
				<-time.After(latency)
			}
			return true
		})
		var bare, delivered, ratios []float64
		for range turns {
			a, b := bareRate(t, r.URL, concurrency, events), deliveredRate(t, r, concurrency, events)
			bare, delivered, ratios = append(bare, a), append(delivered, b), append(ratios, b/a)
		}
		for _, list := range [][]float64{bare, delivered, ratios} {
			slices.Sort(list)
		}
		fmt.Printf("throughput, receiver answers after %s: bare client %.0f/s, deliverer %.0f/s, %.0f %% (medians of %d turns; %.0f to %.0f %%)\n",
			latency, bare[turns/2], delivered[turns/2], 100*ratios[turns/2], turns, 100*ratios[0], 100*ratios[turns-1])
	}
}

// bareRate is how many requests a second a client makes that does nothing else.
func bareRate(t *testing.T, url string, concurrency, n int) float64 {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
	defer client.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	began := time.Now()
	for range concurrency {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				res, err := client.Post(url, "application/json", strings.NewReader("1700000000000000000"))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// deliveredRate is how many events a second a deliverer takes from a full queue,
// from its first request to its last.
func deliveredRate(t *testing.T, r *tally, concurrency, n int) (rate float64) {
	t.Helper()
	t.Run("", func(t *testing.T) {
		config := strings.Replace(shop(r.URL, ""), "billing: {", fmt.Sprintf("billing: {concurrency: %d, ", concurrency), 1)
		w := setup(t, config)
		w.settings.Routes = []string{"missing"} // declares the queues, consumes nothing
		w.startQuietly(t)
		w.flood(t, "order.paid", n)
		before, _ := r.count()
		w.settings.Routes = nil
		w.startQuietly(t)
		var first time.Time
		require.Eventually(t, func() bool { first = time.Now(); now, _ := r.count(); return now > before }, patience, time.Millisecond)
		require.Eventually(t, func() bool { now, _ := r.count(); return now >= before+n }, 2*patience, 5*time.Millisecond)
		r.mu.Lock()
		defer r.mu.Unlock()
		rate = float64(n) / r.last.Sub(first).Seconds()
	})
	return rate
}
