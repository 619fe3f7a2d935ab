package consume_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/retry"
)

// switched is a subscription that tells when it is paused and resumed.
type switched struct{ turns chan string }

func (s *switched) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (s *switched) Pause()                        { s.turns <- "pause" }
func (s *switched) Resume()                       { s.turns <- "resume" }

func (s *switched) next(t *testing.T) string {
	t.Helper()
	select {
	case turn := <-s.turns:
		return turn
	case <-time.After(10 * time.Second):
		require.Fail(t, "nothing was turned")
		return ""
	}
}

// running runs the route of b until the test ends.
func running(t *testing.T, b *bundle) *switched {
	t.Helper()
	s := &switched{make(chan string, 8)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	r := b.route(t)
	go func() { done <- r.RunOn(ctx, s) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	return s
}

func TestAClosedGatePausesTheRouteUntilItOpens(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(nil))
	b.options.Gate = new(consume.Gate)
	s := running(t, b)
	closed := time.Now()
	b.options.Gate.Close(closed.Add(200 * time.Millisecond))
	require.Equal(t, "pause", s.next(t))
	require.Equal(t, "resume", s.next(t))
	require.GreaterOrEqual(t, time.Since(closed), 200*time.Millisecond)
}

func TestARouteThatCannotPublishConsumesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(nil))
	b.broker.setDown(errors.New("blocked"))
	s := running(t, b)
	require.Equal(t, "pause", s.next(t))
	b.broker.setDown(nil)
	require.Equal(t, "resume", s.next(t))
}

func TestAGateStaysClosedForTheLongestThatWasAskedFor(t *testing.T) {
	t.Parallel()
	var g consume.Gate
	require.LessOrEqual(t, g.Closed(), time.Duration(0))
	g.Close(time.Now().Add(time.Hour))
	g.Close(time.Now().Add(time.Minute))
	require.Greater(t, g.Closed(), 50*time.Minute)
}

func TestOptionsNameEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := consume.New(consume.Options{Concurrency: -1, Timeout: -1, Retry: retry.Policy{Factor: 2}}, nil)
	for _, text := range []string{"no route", "no handler", "concurrency", "timeout", "initial"} {
		require.ErrorContains(t, err, text)
	}
}

func TestMiddlewareWrapsFromTheOutside(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string) consume.Middleware {
		return func(next consume.Handler) consume.Handler {
			return consume.HandlerFunc(func(ctx context.Context, e *event.Event) error {
				order = append(order, name)
				return next.Handle(ctx, e)
			})
		}
	}
	h := consume.Chain(returning(errDown), named("outer"), named("inner"))
	require.ErrorIs(t, h.Handle(t.Context(), nil), errDown)
	require.Equal(t, []string{"outer", "inner"}, order)
}
