package consume_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// admit takes the event in on a route that shares its memory with others.
func (b *bundle) admit(t *testing.T) { b.route(t).Admit(t.Context(), b.delivery, b.message, b.returns) }

func TestASuspectIsSentAwayWhileAnotherOneIsTried(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	memory := consume.NewMemory(1 << 20)
	first := setup(t, func(context.Context, *event.Event) error { entered <- struct{}{}; <-leave; return nil })
	first.options.Memory, first.returns = memory, 2
	ended, route := make(chan struct{}), first.route(t)
	go func() { defer close(ended); route.Admit(t.Context(), first.delivery, first.message, first.returns) }()
	<-entered

	second := setup(t, returning(nil))
	second.options.Memory, second.returns = memory, 4
	second.message.Headers[event.HeaderReturns] = int64(3)
	second.admit(t)
	p := second.only(t)
	require.EqualValues(t, 7, p.Message.Int(event.HeaderReturns), "it is remembered how often it came back")
	require.EqualValues(t, 1, p.Message.Int(event.HeaderAttempt))
	require.Equal(t, []string{topology.Delay, topology.LevelQueue(4)}, []string{p.Exchange, p.Key})

	third := setup(t, returning(nil))
	third.options.Memory, third.returns = memory, 1
	third.admit(t)
	require.Equal(t, []string{"ack"}, third.delivery.settled, "what is no suspect waits for nobody")
	require.Empty(t, third.broker.published)
	close(leave)
	<-ended
	require.Equal(t, []string{"ack"}, first.delivery.settled)
	require.Zero(t, memory.Used())
}

// moving is what brings events back. It says whether a copy may still come.
type moving struct {
	err  error
	what []string
}

func (m *moving) Settle(_ context.Context, queue, id string) error {
	m.what = []string{queue, id}
	return m.err
}

func TestASuspectIsNotTriedWhileACopyOfItMayCome(t *testing.T) {
	t.Parallel()
	for err, tried := range map[error]bool{nil: true, context.DeadlineExceeded: false} {
		calls := 0
		b := setup(t, func(context.Context, *event.Event) error { calls++; return nil })
		returns := &moving{err: err}
		b.options.Returns, b.options.Memory, b.returns = returns, consume.NewMemory(1<<20), 2
		b.admit(t)
		require.Equal(t, tried, calls == 1)
		require.Equal(t, []string{topology.RouteQueue("orders"), b.message.ID}, returns.what)
		if !tried {
			require.EqualValues(t, 2, b.only(t).Message.Int(event.HeaderReturns))
		}
	}
}

func TestAnEventThatCameBackTooOftenIsADeadLetterAndIsNotTried(t *testing.T) {
	t.Parallel()
	b := setup(t, func(context.Context, *event.Event) error { require.Fail(t, "it was tried"); return nil })
	b.message.Headers[event.HeaderReturns] = int64(topology.DeliveryLimit)
	b.returns = 1
	b.admit(t)
	p := b.only(t)
	require.Equal(t, topology.Dead, p.Exchange)
	require.Equal(t, "delivery-limit", p.Message.Text(event.HeaderReason))
	require.NotContains(t, p.Message.Headers, event.HeaderReturns)
}

func TestAnEventForWhichThereIsNoRoomGoesBackUntried(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	memory := consume.NewMemory(9 << 10)
	first := setup(t, func(context.Context, *event.Event) error { entered <- struct{}{}; <-leave; return nil })
	first.options.Memory = memory
	ended, route := make(chan struct{}), first.route(t)
	go func() { defer close(ended); route.Admit(t.Context(), first.delivery, first.message, first.returns) }()
	<-entered
	for returns, how := range map[int]string{0: "release", 1: "release", 2: "ack"} {
		b := setup(t, func(context.Context, *event.Event) error { require.Fail(t, "it was tried"); return nil })
		b.options.Memory, b.returns = memory, returns
		b.admit(t)
		require.Equal(t, []string{how}, b.delivery.settled)
		if how == "ack" {
			require.EqualValues(t, returns, b.only(t).Message.Int(event.HeaderReturns), "a copy counts from zero")
		}
	}
	close(leave)
	<-ended
	require.Zero(t, memory.Used())
}
