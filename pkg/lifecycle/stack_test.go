package lifecycle_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errStop = errors.New("will not")

func TestCloseRunsTheLastStepFirst(t *testing.T) {
	t.Parallel()
	var stack lifecycle.Stack
	var order []string
	for _, name := range []string{"store", "broker", "listener"} {
		require.NoError(t, stack.Push(name, func(context.Context) error {
			order = append(order, name)
			return nil
		}))
	}
	require.NoError(t, stack.Close(t.Context()))
	require.Equal(t, []string{"listener", "broker", "store"}, order)
}

func TestCloseGoesOnAfterAFailureAndNamesIt(t *testing.T) {
	t.Parallel()
	var stack lifecycle.Stack
	stopped := false
	require.NoError(t, stack.Push("broker", func(context.Context) error { stopped = true; return nil }))
	require.NoError(t, stack.Push("listener", func(context.Context) error { return errStop }))
	err := stack.Close(t.Context())
	require.ErrorIs(t, err, errStop)
	require.ErrorContains(t, err, "stop listener")
	require.True(t, stopped)
}

func TestCloseLeavesAStuckStepBehind(t *testing.T) {
	t.Parallel()
	var stack lifecycle.Stack
	release, stopped := make(chan struct{}), make(chan struct{})
	require.NoError(t, stack.Push("below", func(context.Context) error { close(stopped); return nil }))
	require.NoError(t, stack.Push("stuck", func(context.Context) error { <-release; return nil }))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorContains(t, stack.Close(ctx), "stop stuck")
	<-stopped
	close(release)
}

func TestClosingTwiceAndAtOnceRunsEachStepOnce(t *testing.T) {
	t.Parallel()
	var stack lifecycle.Stack
	runs := 0
	require.NoError(t, stack.Push("once", func(context.Context) error { runs++; return errStop }))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { require.ErrorIs(t, stack.Close(t.Context()), errStop) })
	}
	all.Wait()
	require.Equal(t, 1, runs)
	require.ErrorIs(t, stack.Push("late", nil), lifecycle.ErrClosed)
}

func TestWhatIsStartedAfterTheStopPanics(t *testing.T) {
	t.Parallel()
	var stack lifecycle.Stack
	stack.MustPush("in time", func(context.Context) error { return nil })
	require.NoError(t, stack.Close(t.Context()))
	require.PanicsWithError(t, "start late: lifecycle: already stopping", func() { stack.MustPush("late", nil) })
}

func TestAnEmptyStackCloses(t *testing.T) {
	t.Parallel()
	require.NoError(t, new(lifecycle.Stack).Close(t.Context()))
}
