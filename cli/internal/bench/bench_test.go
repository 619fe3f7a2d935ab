package bench_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/cli/internal/bench"
	"github.com/penstock/penstock/cli/internal/outgoing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setup starts a server, and returns its address and what sends to it.
func setup(t *testing.T, handle http.HandlerFunc) bench.Next {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return to(t, server.URL)
}

func to(t *testing.T, address string) bench.Next {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return func() (outgoing.Request, error) {
		return outgoing.Request{Method: http.MethodPost, URL: u, Header: http.Header{}, Body: []byte("12345")}, nil
	}
}

func options() bench.Options {
	return bench.Options{Duration: time.Minute, Count: 20, Connections: 3, Timeout: 30 * time.Second}
}

func TestEachRequestIsCountedByItsStatus(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	next := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%4 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r, err := bench.Run(t.Context(), options(), next, nil)
	require.NoError(t, err)
	require.Equal(t, 20, r.Requests)
	require.Equal(t, 15, r.Accepted)
	require.Equal(t, map[string]int{"200": 15, "503": 5}, r.Statuses)
	require.Equal(t, int64(100), r.Bytes)
	require.Positive(t, r.Latency.Min)
	require.LessOrEqual(t, r.Latency.P50, r.Latency.Max)
}

func TestTheRateAndTheTimeBoundARun(t *testing.T) {
	t.Parallel()
	o := options()
	o.Rate, o.Duration, o.Count = 100, 100*time.Millisecond, 0
	r, err := bench.Run(t.Context(), o, setup(t, func(http.ResponseWriter, *http.Request) {}), nil)
	require.NoError(t, err)
	require.LessOrEqual(t, r.Requests, 10)
}

func TestAStallIsSeenByTheRequestsThatItHeldUp(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	next := setup(t, func(http.ResponseWriter, *http.Request) {
		if n.Add(1) == 1 {
			<-time.After(300 * time.Millisecond)
		}
	})
	o := options()
	o.Rate, o.Count, o.Connections = 100, 10, 1
	r, err := bench.Run(t.Context(), o, next, nil)
	require.NoError(t, err)
	require.Equal(t, 10, r.Requests)
	require.Greater(t, r.Latency.P50, 100.0, "the second should have gone out 10 ms after the first")
}

func TestOnlyThisMachineIsSentTo(t *testing.T) {
	t.Parallel()
	o := options()
	o.Count = 1
	r, err := bench.Run(t.Context(), o, to(t, "http://192.0.2.1/"), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"not this machine": 1}, r.Statuses)
	require.Error(t, bench.CheckLoopback(t.Context(), "192.0.2.1"))
	require.NoError(t, bench.CheckLoopback(t.Context(), "127.0.0.1"))
}

func TestWhatGetsNoAnswerHasNoLatency(t *testing.T) {
	t.Parallel()
	o := options()
	o.Count = 2
	r, err := bench.Run(t.Context(), o, to(t, "http://127.0.0.1:1/"), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"connection refused": 2}, r.Statuses)
	require.Zero(t, r.Latency.Max)
}

func TestARunEndsWithItsContextAndWithTheFirstThatCannotBeMade(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	o := options()
	o.Count = 0
	_, err := bench.Run(ctx, o, setup(t, func(http.ResponseWriter, *http.Request) { cancel() }), nil)
	require.NoError(t, err)
	failing := func() (outgoing.Request, error) { return outgoing.Request{}, context.Canceled }
	_, err = bench.Run(t.Context(), o, failing, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestARunWithoutBoundsIsRefused(t *testing.T) {
	t.Parallel()
	err := bench.Options{Rate: -1, Duration: 2 * bench.MaxDuration, Count: bench.MaxCount + 1}.Validate()
	for _, name := range []string{"rate", "duration", "count", "connections", "timeout"} {
		require.ErrorContains(t, err, name)
	}
}
