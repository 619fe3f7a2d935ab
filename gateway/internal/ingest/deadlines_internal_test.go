package ingest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
)

func TestADeadlineEndsAtItsTimeOrWithinTwoBeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeadlines()
		for _, lasts := range []time.Duration{-time.Second, 0, 1, beat - 1, beat, 250 * time.Millisecond, 10 * time.Second} {
			began := time.Now()
			ctx := d.within(t.Context(), began.Add(lasts))
			<-ctx.Done()
			took := time.Since(began)
			require.GreaterOrEqual(t, took, lasts)
			require.LessOrEqual(t, took, max(lasts, 0)+2*beat)
			require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
		}
	})
}

func TestDeadlinesOfOneBeatShareATimer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeadlines()
		soon := d.began.Add(time.Second)
		first := d.within(t.Context(), soon)
		require.Same(t, first, d.within(t.Context(), soon.Add(beat-1)))
		other := d.within(t.Context(), soon.Add(beat))
		require.NotSame(t, first, other)
		<-other.Done()
	})
}

func TestDeadlinesThatAreOverAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeadlines()
		const lasts, most = time.Second, 2*int(time.Second/beat) + fewBeats
		for range 10_000 {
			d.within(t.Context(), time.Now().Add(lasts))
			time.Sleep(beat)
			require.LessOrEqual(t, len(d.beats), most)
		}
		time.Sleep(2 * lasts) // the last timers
	})
}

func TestADeadlineKeepsTheSpanAndNotTheEndOfTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
		request, hangUp := context.WithCancel(trace.ContextWithSpanContext(t.Context(), span))
		ctx := newDeadlines().within(request, time.Now().Add(time.Second))
		hangUp()
		synctest.Wait()
		require.NoError(t, ctx.Err())
		require.True(t, span.Equal(trace.SpanContextFromContext(ctx)))
		<-ctx.Done()
	})
}
