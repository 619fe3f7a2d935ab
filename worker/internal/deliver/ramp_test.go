package deliver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
)

func TestAfterAPauseTwiceAsManyRunEachTimeThatAllHaveSucceeded(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, func(d *config.Destination) { d.Concurrency = 8 })
	pauseAndReopen(t, b, d)
	for _, together := range []int{1, 2, 4, 8} {
		errs := crowd(t, d, together+1)
		for range together {
			<-b.arrived
		}
		require.Never(t, func() bool { return len(b.arrived) > 0 }, 50*time.Millisecond, 10*time.Millisecond, "more than %d", together)
		for range together + 1 {
			b.release <- http.StatusOK
			require.NoError(t, <-errs)
		}
		<-b.arrived
	}
}

func TestAFailureAfterAPauseKeepsTheOthersBack(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, nil)
	pauseAndReopen(t, b, d)
	errs := crowd(t, d, 3)
	for range 2 {
		<-b.arrived
		require.Never(t, func() bool { return len(b.arrived) > 0 }, 50*time.Millisecond, 10*time.Millisecond)
		b.release <- http.StatusInternalServerError
		require.Error(t, <-errs)
	}
	<-b.arrived
	b.release <- http.StatusOK
	require.NoError(t, <-errs)
}

func TestWhatBeganBeforeThePauseDoesNotEndIt(t *testing.T) {
	t.Parallel()
	b := newBlocking()
	d := b.destination(t, nil)
	errs := crowd(t, d, 4)
	for range 4 {
		<-b.arrived
	}
	b.release <- http.StatusTooManyRequests
	require.Error(t, <-errs)
	for range 3 {
		b.release <- http.StatusOK
		require.NoError(t, <-errs)
	}
	reopened(t, d)
	more := crowd(t, d, 2)
	<-b.arrived
	require.Never(t, func() bool { return len(b.arrived) > 0 }, 50*time.Millisecond, 10*time.Millisecond)
	for range 2 {
		b.release <- http.StatusOK
		require.NoError(t, <-more)
	}
}

// pauseAndReopen makes the destination ask for a pause, and waits until it is over.
func pauseAndReopen(t *testing.T, b *blocking, d *deliver.Destination) {
	t.Helper()
	first := crowd(t, d, 1)
	<-b.arrived
	b.release <- http.StatusTooManyRequests
	require.Error(t, <-first)
	reopened(t, d)
}

func reopened(t *testing.T, d *deliver.Destination) {
	t.Helper()
	require.Eventually(t, func() bool { return d.Gate().Closed() <= 0 }, 5*time.Second, 10*time.Millisecond)
}
