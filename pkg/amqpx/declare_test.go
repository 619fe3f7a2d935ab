package amqpx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fault"
)

// small is a topology of one of each kind.
func small() amqpx.Topology {
	return amqpx.Topology{
		Exchanges: []amqpx.Exchange{
			{Name: "in", Kind: "topic", Args: map[string]any{"alternate-exchange": "rest"}},
			{Name: "rest", Kind: "fanout"},
		},
		Queues: []amqpx.Queue{
			{Name: "work", Args: map[string]any{
				"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-delivery-limit": int64(20),
				"x-dead-letter-exchange": "rest", "x-dead-letter-strategy": "at-least-once",
			}},
			{Name: "log", Args: map[string]any{"x-queue-type": "stream", "x-max-age": "7D"}},
		},
		Bindings: []amqpx.Binding{
			{Source: "in", Key: "a.#", Queue: "work"},
			{Source: "in", Key: "b.#", Exchange: "rest"},
			{Source: "rest", Queue: "log"},
		},
	}
}

func TestWhatIsDeclaredWorksAndCanBeDeclaredAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 {
		require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	}
	require.NoError(t, amqpx.Check(b.ctx, b.cfg, small()))

	p := b.publisher(t, amqpx.PublisherOptions{})
	for _, key := range []string{"a.x", "b.x", "c.x"} {
		require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Exchange: "in", Key: key, Message: message(key)}))
	}
	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "log", Ordered: true, Args: map[string]any{"x-stream-offset": "first"}})
	require.Equal(t, "b.x", receive(t, from).Message.ID, "bound from exchange to exchange")
	require.Equal(t, "c.x", receive(t, from).Message.ID, "by the alternate exchange")
	require.Equal(t, 1, b.Depth(t, "work"))
}

func TestEveryArgumentIsProven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	other := map[string]any{
		"x-overflow": "drop-head", "x-delivery-limit": int64(21), "x-dead-letter-exchange": "in", "x-dead-letter-strategy": "at-most-once",
	}
	for name, value := range other {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := small()
			changed.Queues[0].Args[name] = value
			err := amqpx.Declare(b.ctx, b.cfg, changed)
			var m *amqpx.MismatchError
			require.ErrorAs(t, err, &m)
			require.True(t, fault.IsPermanent(err))
			require.Equal(t, "queue", m.Object)
			require.Equal(t, "work", m.Name)
			require.Equal(t, name, m.Argument)
			require.Equal(t, value, m.Want[name])
			require.Len(t, m.Want, 5)
			require.NotEqual(t, m.Wanted, m.Found)
			require.ErrorContains(t, amqpx.Check(b.ctx, b.cfg, changed), name)
		})
	}
}

func TestAllMismatchesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	changed := small()
	changed.Exchanges[0].Args = nil
	changed.Exchanges[1].Kind = "direct"
	changed.Queues[1].Args["x-max-age"] = "8D"
	err := amqpx.Declare(b.ctx, b.cfg, changed)
	require.ErrorContains(t, err, "exchange in exists with other arguments: alternate-exchange is rest, wanted none")
	require.ErrorContains(t, err, "exchange rest exists with other arguments: type is fanout, wanted direct")
	require.ErrorContains(t, err, "queue log exists with other arguments: x-max-age is 7D, wanted 8D")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "no retry mends it")
}

func TestCheckMakesNothingAndNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 {
		err := amqpx.Check(b.ctx, b.cfg, small())
		require.True(t, fault.IsPermanent(err))
		for _, name := range []string{"'in'", "'rest'", "'work'", "'log'"} {
			require.ErrorContains(t, err, name)
		}
	}
}

func TestAUserWhoMayNotConfigureCanCheckAndUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	b.cfg.URLs = []string{b.User(t, "^$")}

	require.NoError(t, amqpx.Check(b.ctx, b.cfg, small()))
	err := amqpx.Declare(b.ctx, b.cfg, small())
	require.True(t, fault.IsPermanent(err))
	require.ErrorContains(t, err, "ACCESS_REFUSED")
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Exchange: "in", Key: "a.x", Message: message("one")}))
}

func TestAUserIsNotAskedAboutWhatItMayNotUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	b.cfg.URLs = []string{b.Restricted(t, "^$", "^in$", "^$")}
	require.NoError(t, amqpx.Check(b.ctx, b.cfg, small()), "RabbitMQ 4.3 refuses to tell of the rest")
}

func TestDeclareWaitsForABroker(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := amqpx.Declare(ctx, amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}, small())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "refused", "the last reason is told too")
	require.False(t, fault.IsPermanent(err))
}
