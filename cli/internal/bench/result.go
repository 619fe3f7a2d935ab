package bench

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histogram counts in microseconds, with three digits, up to ten minutes.
const (
	longest = 10 * time.Minute
	digits  = 3
)

// Result is what came of a run.
type Result struct {
	Requests int            `json:"requests"`
	Accepted int            `json:"accepted"` // answered 2xx
	Seconds  float64        `json:"seconds"`
	Rate     float64        `json:"ratePerSecond"` // of requests that were answered 2xx
	Bytes    int64          `json:"bytes"`         // of bodies
	Statuses map[string]int `json:"statuses"`      // by HTTP status, or why there was no answer
	Latency  Latency        `json:"latencyMs"`     // of requests that were answered, whatever with
}

// Latency holds percentiles, in milliseconds. All are zero when nothing was answered.
type Latency struct {
	Min  float64 `json:"min"`
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
}

// tally counts while a run goes on.
type tally struct {
	mu        sync.Mutex
	histogram *hdrhistogram.Histogram
	statuses  map[string]int
	requests  int
	accepted  int
	bytes     int64
}

func newTally() *tally {
	return &tally{histogram: hdrhistogram.New(1, longest.Microseconds(), digits), statuses: map[string]int{}}
}

// add counts a request. Only one that was answered has a latency.
func (t *tally) add(status string, took time.Duration, size int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
	t.statuses[status]++
	t.bytes += int64(size)
	if !answered(status) {
		return
	}
	if status[0] == '2' {
		t.accepted++
	}
	_ = t.histogram.RecordValue(min(max(took.Microseconds(), 1), longest.Microseconds())) // it is within the bounds
}

func answered(status string) bool { return status[0] >= '0' && status[0] <= '9' }

func (t *tally) count() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int64(t.requests)
}

func (t *tally) result(took time.Duration) *Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.histogram
	millis := func(micros int64) float64 { return float64(micros) / 1000 }
	return &Result{
		Requests: t.requests, Accepted: t.accepted, Seconds: took.Seconds(), Rate: float64(t.accepted) / took.Seconds(),
		Bytes: t.bytes, Statuses: maps.Clone(t.statuses),
		Latency: Latency{
			Min: millis(h.Min()), Mean: h.Mean() / 1000, P50: millis(h.ValueAtQuantile(50)), P90: millis(h.ValueAtQuantile(90)),
			P99: millis(h.ValueAtQuantile(99)), P999: millis(h.ValueAtQuantile(99.9)), Max: millis(h.Max()),
		},
	}
}
