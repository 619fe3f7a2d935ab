package deliver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// blocking is a receiver that answers only when it is told to, and knows how many
// requests it has seen at once.
type blocking struct {
	arrived chan struct{}
	release chan int // the status to answer
	running atomic.Int32
	most    atomic.Int32
}

func newBlocking() *blocking {
	return &blocking{arrived: make(chan struct{}, 100), release: make(chan int)}
}

func (b *blocking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	now := b.running.Add(1)
	defer b.running.Add(-1)
	for most := b.most.Load(); now > most && !b.most.CompareAndSwap(most, now); most = b.most.Load() {
	}
	b.arrived <- struct{}{}
	select {
	case status := <-b.release:
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(status)
	case <-r.Context().Done():
	}
}

func (b *blocking) destination(t *testing.T, change func(*config.Destination)) *deliver.Destination {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	d := settings(server.URL)
	if change != nil {
		change(d)
	}
	return destination(t, d)
}

// crowd calls Handle n times at once; its errors come as they are ready.
func crowd(t *testing.T, d *deliver.Destination, n int) <-chan error {
	t.Helper()
	var all sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		all.Go(func() { errs <- handle(t, d, sample()) })
	}
	t.Cleanup(all.Wait)
	return errs
}

func TestAttemptsKeepWithinTheConcurrency(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, func(d *config.Destination) { d.Concurrency = 3 })
	errs := crowd(t, d, 9)
	for range 3 {
		<-b.arrived
	}
	for range 9 {
		b.release <- http.StatusOK
	}
	for range 9 {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, 3, b.most.Load())
}

func TestAnEventThatGetsNoTurnInTimeIsHandedBack(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, func(d *config.Destination) { d.Concurrency = 1 })
	d.HoldFor(50 * time.Millisecond)
	errs := crowd(t, d, 2)
	require.ErrorIs(t, <-errs, consume.ErrHandBack)
	b.release <- http.StatusOK
	require.NoError(t, <-errs)
}

func TestAttemptsKeepToTheRate(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(server.Close)
	s := settings(server.URL)
	s.RateLimit = &config.Rate{Count: 20, Per: time.Second}
	d := destination(t, s)
	began := time.Now()
	errs := crowd(t, d, 10)
	for range 10 {
		require.NoError(t, <-errs)
	}
	require.GreaterOrEqual(t, time.Since(began), 390*time.Millisecond) // a burst of two, then one each 50 ms
	require.EqualValues(t, 10, requests.Load())
}

func TestARateTooLowToWaitForHandsBack(t *testing.T) {
	t.Parallel()
	s := settings("http://127.0.0.1:1")
	s.RateLimit = &config.Rate{Count: 1, Per: time.Hour}
	d := destination(t, s)
	require.Equal(t, fault.ReasonConnection, fault.ReasonOf(handle(t, d, sample())))
	require.ErrorIs(t, handle(t, d, sample()), consume.ErrHandBack)
}

func TestPrefetchIsWhatTheDestinationTakesWithinSeconds(t *testing.T) {
	t.Parallel()
	for rate, want := range map[config.Rate]int{
		{Count: 1000, Per: time.Second}: 16, {Count: 2, Per: time.Second}: 5, {Count: 1, Per: time.Hour}: 1,
	} {
		s := settings("http://127.0.0.1")
		s.Concurrency, s.RateLimit = 16, &rate
		require.Equal(t, want, destination(t, s).Prefetch(), rate)
	}
	require.Equal(t, 4, destination(t, settings("http://127.0.0.1")).Prefetch())
}

func TestRetryAfterPausesTheDestinationAndThenOneAttemptGoesAlone(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, nil)
	first := crowd(t, d, 1)
	b.release <- http.StatusTooManyRequests
	wait, asked := fault.Wait(<-first)
	require.True(t, asked)
	require.Equal(t, time.Second, wait)
	require.Greater(t, d.Gate().Closed(), 500*time.Millisecond)
	require.ErrorIs(t, handle(t, d, sample()), consume.ErrHandBack)
	<-b.arrived
	require.Empty(t, b.arrived, "something was sent during the pause")

	require.Eventually(t, func() bool { return d.Gate().Closed() <= 0 }, 5*time.Second, 10*time.Millisecond)
	errs := crowd(t, d, 3)
	<-b.arrived
	require.Never(t, func() bool { return len(b.arrived) > 0 }, 100*time.Millisecond, 10*time.Millisecond)
	for range 3 {
		b.release <- http.StatusOK
	}
	for range 3 {
		require.NoError(t, <-errs)
	}
}

func TestADestinationThatKeepsFailingIsPaused(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	d := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	})
	for range 20 {
		require.Equal(t, fault.ReasonServerError, fault.ReasonOf(handle(t, d, sample())))
	}
	require.Greater(t, d.Gate().Closed(), 5*time.Second)
	require.ErrorIs(t, handle(t, d, sample()), consume.ErrHandBack)
	require.EqualValues(t, 20, requests.Load())
}

func TestRefusedEventsDoNotPauseADestination(t *testing.T) {
	t.Parallel()
	d := receiver(t, status(http.StatusBadRequest))
	for range 40 {
		require.True(t, fault.IsPermanent(handle(t, d, sample())))
	}
	require.LessOrEqual(t, d.Gate().Closed(), time.Duration(0))
}
