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

// TestThroughput compares the deliverer with a bare client, which has its requests at hand,
// and with a naive worker, which has them from the same queue, in turns, at the same
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
		var bare, naive, ours []float64
		for range turns {
			bare = append(bare, bareRate(t, r.URL, concurrency, events))
			naive = append(naive, rateFromQueue(t, r, concurrency, events, func(t *testing.T, w *world) func() {
				return w.consumeNaively(t, r.URL, concurrency)
			}))
			ours = append(ours, rateFromQueue(t, r, concurrency, events, func(t *testing.T, w *world) func() {
				w.settings.Routes = nil
				w.startQuietly(t)
				return func() {}
			}))
		}
		fmt.Printf("throughput, receiver answers after %s: bare client %.0f/s, naive worker %.0f/s, deliverer %.0f/s; %s of the bare client, %s of the naive worker (medians of %d turns)\n",
			latency, median(bare), median(naive), median(ours), ratio(ours, bare), ratio(ours, naive), turns)
	}
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// ratio is the median of what came of the turns one by one, with the least and the most.
func ratio(a, b []float64) string {
	each := make([]float64, len(a))
	for i := range a {
		each[i] = 100 * a[i] / b[i]
	}
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", median(each), slices.Min(each), slices.Max(each))
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

// rateFromQueue is how many events a second a worker takes from a full queue, from its
// first request to its last.
func rateFromQueue(t *testing.T, r *tally, concurrency, n int, start func(*testing.T, *world) (stop func())) (rate float64) {
	t.Helper()
	t.Run("", func(t *testing.T) {
		config := strings.Replace(shop(r.URL, ""), "billing: {", fmt.Sprintf("billing: {concurrency: %d, ", concurrency), 1)
		w := setup(t, config)
		w.settings.Routes = []string{"missing"} // declares the queues, consumes nothing
		w.startQuietly(t)
		w.flood(t, "order.paid", n)
		before, _ := r.count()
		defer start(t, w)()
		var first time.Time
		require.Eventually(t, func() bool { first = time.Now(); now, _ := r.count(); return now > before }, patience, time.Millisecond)
		require.Eventually(t, func() bool { now, _ := r.count(); return now >= before+n }, 2*patience, 5*time.Millisecond)
		r.mu.Lock()
		defer r.mu.Unlock()
		rate = float64(n) / r.last.Sub(first).Seconds()
	})
	return rate
}
