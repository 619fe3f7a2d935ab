//go:build load

package app_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

// TestAStorm lets 50,000 events fail twice, and a tenth of them for good. The
// receiver answers 429 without Retry-After, which no breaker and no pause answers.
func TestAStorm(t *testing.T) {
	events := scaled(t, 50_000)
	r := newTally(t, func(w http.ResponseWriter, r *http.Request) bool {
		id := r.Header.Get("Penstock-Event-Id")
		if r.Header.Get("Penstock-Attempt") == "3" && id[len(id)-1] > '1' { // 14 of 16
			return true
		}
		w.WriteHeader(http.StatusTooManyRequests)
		return false
	})
	w := setup(t, strings.NewReplacer(
		"initial: 2s, factor: 1, jitter: 0, max: 2s", "initial: 4s, factor: 2, jitter: 0.5, max: 16s, maxAttempts: 3",
		"billing: {", "billing: {concurrency: 64, ",
	).Replace(shop(r.URL, "")))
	w.startQuietly(t)
	began := time.Now()
	heap := []uint64{liveHeap()}
	w.flood(t, "order.paid", events)
	flooded := time.Since(began)
	for range 5 {
		before, _ := r.count()
		require.Eventually(t, func() bool { n, _ := r.count(); return n >= min(before+events/2, 3*events) }, 10*time.Minute, 100*time.Millisecond)
		heap = append(heap, liveHeap())
	}
	require.Eventually(t, func() bool {
		_, accepted := r.count()
		return accepted+w.vhost.Depth(t, topology.DeadQueue("orders")) >= events
	}, 10*time.Minute, time.Second)
	w.empty(t, "orders")
	took := time.Since(began)
	requests, accepted := r.count()
	dead := w.vhost.Depth(t, topology.DeadQueue("orders"))
	fmt.Printf("storm: %d events published in %s; %d delivered + %d dead = %d after %s; %d attempts (%d more than needed); heap in MiB %v; most at once %d\n",
		events, flooded.Round(time.Second), accepted, dead, accepted+dead, took.Round(time.Second), requests, requests-3*events, mebibytes(heap), r.most.Load())
	require.Equal(t, events, accepted+dead)
	require.LessOrEqual(t, r.most.Load(), int64(64))
}

// liveHeap is what this process, with the deliverer, the receiver and the sender,
// holds after a collection.
func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func mebibytes(bytes []uint64) []uint64 {
	out := make([]uint64, len(bytes))
	for i, b := range bytes {
		out[i] = b >> 20
	}
	return out
}
