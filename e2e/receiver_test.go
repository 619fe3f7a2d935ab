package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// arrival is one delivery attempt as the receiver saw it.
type arrival struct {
	at     time.Time
	header http.Header
	body   []byte
}

// receiver is a destination that remembers what it got and answers as it is told.
type receiver struct {
	t      *testing.T
	server *httptest.Server
	answer func(attempt int, a arrival) int // the status to answer; attempt counts per event, from 1

	mu       sync.Mutex
	arrivals map[string][]arrival // by event id
	refuses  bool                 // the first attempt of each event: that is no arrival
	refused  map[string]bool      // by event id
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, arrivals: map[string][]arrival{}, refused: map[string]bool{}}
	r.answer = func(int, arrival) int { return http.StatusOK }
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil { // the deliverer was killed in the middle: it did not arrive
		return
	}
	a := arrival{time.Now(), req.Header.Clone(), body}
	id := req.Header.Get("Penstock-Event-Id")
	r.mu.Lock()
	if r.refuses && !r.refused[id] && len(r.arrivals[id]) == 0 {
		r.refused[id] = true
		r.mu.Unlock()
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	r.arrivals[id] = append(r.arrivals[id], a)
	attempt := len(r.arrivals[id])
	r.mu.Unlock()
	w.WriteHeader(r.answer(attempt, a))
}

// refuse has the receiver refuse the first attempt at each event from now on, or no longer.
func (r *receiver) refuse(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = on
}

// of returns the attempts at an event so far.
func (r *receiver) of(id string) []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.arrivals[id])
}

// await waits for the n-th attempt at an event and returns all so far.
func (r *receiver) await(id string, n int) []arrival {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return len(r.of(id)) >= n }, 60*time.Second, 20*time.Millisecond,
		"%d attempts at %s", n, id)
	return r.of(id)
}

// awaitAll waits until every one of these events has arrived, and returns how many
// arrivals were more than one per event.
func (r *receiver) awaitAll(ids []string) (duplicates int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.missing(ids) == 0 }, 120*time.Second, 50*time.Millisecond, "events are lost")
	return r.total() - len(ids)
}

// missing counts those of these events that have not arrived.
func (r *receiver) missing(ids []string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if len(r.arrivals[id]) == 0 {
			n++
		}
	}
	return n
}

// total counts all arrivals so far.
func (r *receiver) total() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.arrivals {
		n += len(a)
	}
	return n
}

func sameBytes(t *testing.T, want, got []byte) {
	t.Helper()
	require.True(t, bytes.Equal(want, got), "the body was changed")
}
