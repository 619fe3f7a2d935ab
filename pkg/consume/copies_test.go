package consume_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
)

// lost is a delivery whose channel is gone.
type lost struct{ *delivery }

func (lost) Ack() error { return amqpx.ErrChannelLost }

// copyOf is a message as the broker delivers it again.
func copyOf(m *event.Message) *event.Message {
	out := *m
	out.Headers = maps.Clone(m.Headers)
	return &out
}

func TestAnEventThatComesAgainDuringItsAttemptIsNotAttemptedTwice(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer error
		again  []string // how its copy is settled
		total  int      // attempts
	}{
		"delivered":            {nil, []string{"ack"}, 1},
		"to be tried again":    {errDown, []string{"ack"}, 1},
		"put off, and untried": {consume.ErrPostpone, []string{"ack"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts, answer := make(chan struct{}, 10), make(chan struct{})
			b := setup(t, func(context.Context, *event.Event) error {
				attempts <- struct{}{}
				<-answer
				return tt.answer
			})
			r := b.route(t)
			first, second := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(first)
				r.Process(t.Context(), lost{&delivery{broker: b.broker}}, copyOf(b.message), 0)
			}()
			<-attempts
			go func() { defer close(second); r.Process(t.Context(), b.delivery, copyOf(b.message), 1) }()
			require.Empty(t, attempts)
			close(answer)
			<-first
			<-second
			require.Equal(t, tt.again, b.delivery.settled)
			require.Len(t, attempts, tt.total-1)
			if tt.total == 1 {
				r.Process(t.Context(), b.delivery, copyOf(b.message), 2)
				require.Empty(t, attempts, "the acknowledgement of the copy was lost on its way")
			}

			m := copyOf(b.message)
			m.Headers[event.HeaderAttempt] = int64(2)
			r.Process(t.Context(), b.delivery, m, 0)
			require.Len(t, attempts, tt.total, "another attempt is another matter")
		})
	}
}

func TestACopyThatWaitsGoesBackWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	attempts, answer := make(chan struct{}, 10), make(chan struct{})
	b := setup(t, func(context.Context, *event.Event) error {
		attempts <- struct{}{}
		<-answer
		return nil
	})
	r := b.route(t)
	first := make(chan struct{})
	go func() { defer close(first); r.Process(t.Context(), &delivery{broker: b.broker}, copyOf(b.message), 0) }()
	<-attempts
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	r.Process(ctx, b.delivery, copyOf(b.message), 1)
	require.Equal(t, []string{"release"}, b.delivery.settled)
	close(answer)
	<-first
}
