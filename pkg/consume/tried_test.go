package consume_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

func TestARetryThatCouldNotBePublishedWasAnAttempt(t *testing.T) {
	t.Parallel()
	var attempts []int
	b := setup(t, func(_ context.Context, e *event.Event) error {
		attempts = append(attempts, e.Attempt)
		return errDown
	})
	b.broker.fail = func(int) error { return amqpx.ErrReturned } // the delay level is gone
	r := b.route(t)
	r.Hurry(20*time.Millisecond, time.Millisecond)
	again := func() *event.Message { // as it came, out of the queue
		m := *b.message
		m.Headers = map[string]any{}
		maps.Copy(m.Headers, b.message.Headers)
		return &m
	}
	for range 2 {
		r.Process(t.Context(), b.delivery, again(), 0)
	}
	require.Equal(t, []string{"release", "release"}, b.delivery.settled)
	b.broker.fail = nil
	r.Process(t.Context(), b.delivery, again(), 0)
	require.Equal(t, []int{1, 2, 3}, attempts)
	require.Len(t, b.broker.published, 1)
	require.Equal(t, topology.Dead, b.broker.published[0].Exchange, "it may have three")

	r.Process(t.Context(), b.delivery, again(), 0)
	require.Equal(t, 1, attempts[3], "a replay of its like begins from the start")
}
