package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

func TestARouteMayLeadToAnExchangeAndChangeItWhileItRuns(t *testing.T) {
	t.Parallel()
	const cfg = `
sources:
  shop: {open: true}
destinations:
  team: {exchange: "", routingKey: %q}
routes:
  orders: {from: [shop], to: team}
`
	w := setup(t, fmt.Sprintf(cfg, "first"))
	queues := amqpx.Topology{}
	for _, name := range []string{"first", "second"} {
		queues.Queues = append(queues.Queues, amqpx.Queue{Name: name, Args: map[string]any{"x-queue-type": "quorum"}})
	}
	require.NoError(t, amqpx.Declare(t.Context(), amqpx.Config{URLs: w.vhost.URLs}, queues))
	a, _ := w.start(t)
	ready(t, a)
	id := w.accept(t, "order.paid", map[string]int{"amount": 7})
	got, err := event.Decode(w.read(t, "first"))
	require.NoError(t, err)
	require.Equal(t, id, got.ID)
	require.JSONEq(t, `{"amount":7}`, string(got.Body))

	w.write(t, fmt.Sprintf(cfg, "second"))
	require.Eventually(t, func() bool {
		w.accept(t, "order.paid", nil)
		return w.vhost.Depth(t, "second") > 0
	}, patience, 100*time.Millisecond)
	w.read(t, "second")
}
