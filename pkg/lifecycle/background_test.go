package lifecycle_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/lifecycle"
)

func TestStoppingEndsTheWorkAndWaitsForIt(t *testing.T) {
	t.Parallel()
	ended := false
	stop := lifecycle.Background(t.Context(), func(ctx context.Context) {
		<-ctx.Done()
		ended = true
	})
	require.NoError(t, stop(t.Context()))
	require.True(t, ended)
	require.NoError(t, stop(t.Context()), "again")
}

func TestWorkThatGoesOnIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	release, ended := make(chan struct{}), make(chan struct{})
	stop := lifecycle.Background(t.Context(), func(context.Context) {
		<-release
		close(ended)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	require.ErrorIs(t, stop(ctx), errStop)
	close(release)
	<-ended
}
