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
	"github.com/penstock/penstock/pkg/status"
)

// switched is a subscription that tells when it is paused, resumed, held and freed.
type switched struct{ turns chan string }

func (s *switched) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (s *switched) Pause()                        { s.turns <- "pause" }
func (s *switched) Resume()                       { s.turns <- "resume" }

func (s *switched) Resize(int) {}

func (s *switched) Hold(on bool) {
	if on {
		s.turns <- "hold"
	} else {
		s.turns <- "free"
	}
}

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
	require.Equal(t, "hold", s.next(t))
	b.broker.setDown(nil)
	require.Equal(t, "free", s.next(t))
}

func TestNoConsumerIsCancelledWhileTheBrokerIsInTrouble(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(nil))
	b.options.Gate = new(consume.Gate)
	b.broker.setDown(errors.New("no leader"))
	s := running(t, b)
	require.Equal(t, "hold", s.next(t))
	b.options.Gate.Hold(true)
	b.broker.setDown(nil)
	require.Equal(t, "free", s.next(t))
	require.Equal(t, "pause", s.next(t), "only now, because the destination rests")
	b.broker.setDown(errors.New("no leader"))
	require.Equal(t, "hold", s.next(t))
	b.options.Gate.Hold(false)
	b.broker.setDown(nil)
	require.Equal(t, "free", s.next(t))
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

// recording is a Recorder that is told each record.
type recording func(status.Record)

func (tell recording) Emit(_ context.Context, records ...status.Record) error {
	for _, r := range records {
		tell(r)
	}
	return nil
}

func (recording) Ready() error { return nil }

func TestAnEventBeginsWhileTheOneBeforeIsBeingSettled(t *testing.T) {
	t.Parallel()
	b, other := setup(t, nil), setup(t, nil)
	b.options.Concurrency = 1
	begun := make(chan struct{})
	b.options.Recorder = recording(func(r status.Record) {
		if r.Event == b.message.ID {
			<-begun
		}
	})
	b.options.Handler = consume.HandlerFunc(func(_ context.Context, e *event.Event) error {
		if e.ID == other.message.ID {
			close(begun)
		}
		return nil
	})
	r := b.route(t)
	done := make(chan struct{})
	go func() { defer close(done); r.Process(t.Context(), b.delivery, b.message, 0) }()
	r.Process(t.Context(), other.delivery, other.message, 0)
	<-done
	require.Equal(t, []string{"ack"}, b.delivery.settled)
}

// starting is a subscription that tells when it runs.
type starting struct {
	*switched

	runs chan struct{}
}

func (s *starting) Run(ctx context.Context) error { close(s.runs); return s.switched.Run(ctx) }

func TestAnEventWhoseTurnDoesNotComeIsHandedBack(t *testing.T) {
	t.Parallel()
	for name, hurry := range map[string]func(g *consume.Gate, stop func()){
		"the gate closes": func(g *consume.Gate, _ func()) { g.Close(time.Now().Add(time.Hour)) },
		"the route stops": func(_ *consume.Gate, stop func()) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entered, finish := make(chan struct{}), make(chan struct{})
			b := setup(t, func(context.Context, *event.Event) error { entered <- struct{}{}; <-finish; return nil })
			b.options.Concurrency, b.options.Gate = 1, new(consume.Gate)
			r := b.route(t)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			runs := make(chan struct{})
			go func() { ended <- r.RunOn(ctx, &starting{&switched{make(chan string, 8)}, runs}) }()
			<-runs
			busy := make(chan struct{})
			go func() { defer close(busy); r.Process(t.Context(), b.delivery, b.message, 0) }()
			<-entered
			waiting, gone := setup(t, nil), make(chan struct{})
			go func() { defer close(gone); r.Process(t.Context(), waiting.delivery, waiting.message, 0) }()
			select {
			case <-gone:
				require.Fail(t, "it did not wait")
			case <-time.After(50 * time.Millisecond):
			}
			hurry(b.options.Gate, stop)
			<-gone
			require.Equal(t, []string{"release"}, waiting.delivery.settled)
			close(finish)
			<-busy
			require.Equal(t, []string{"ack"}, b.delivery.settled)
			stop()
			require.NoError(t, <-ended)
		})
	}
}
