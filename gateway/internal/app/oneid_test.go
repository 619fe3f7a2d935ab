package app_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

// obstruct lets the archive and its deferred queue refuse each event, while the queues of
// routes take it: a queue that takes nothing is bound beside them. It returns what takes
// that away.
func obstruct(t *testing.T, broker string) (free func()) {
	t.Helper()
	cfg, queue := amqpx.Config{URLs: []string{broker}}, "full-"+uuid.NewString()
	args := map[string]any{"x-queue-type": "classic", "x-max-length": int64(0), "x-overflow": "reject-publish"}
	bindings := []amqpx.Binding{
		{Source: topology.Routes, Key: topology.Archive, Queue: queue}, {Source: topology.Routes, Key: topology.DeferredArchive, Queue: queue},
	}
	require.NoError(t, amqpx.Declare(t.Context(), cfg, amqpx.Topology{Queues: []amqpx.Queue{{Name: queue, Args: args}}, Bindings: bindings}))
	return func() { require.NoError(t, amqpx.Unbind(t.Context(), cfg, bindings)) }
}

func TestAnEventThatGatewaysRefuseKeepsItsID(t *testing.T) {
	t.Parallel()
	url, err := redisURL()
	require.NoError(t, err)
	for name, change := range map[string]func(*app.Settings){
		"one gateway":            func(*app.Settings) {},
		"two that share a Redis": func(s *app.Settings) { s.RedisURL, s.RedisTimeout = url, waitFor },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker := amqptest.Broker(t)
			first := setup(t, broker, yaml, change).ready(t)
			other := first
			if name != "one gateway" {
				other = setup(t, broker, yaml, change).ready(t)
			}
			event, err := first.signed("github", "{}")
			require.NoError(t, err)
			free := obstruct(t, broker)
			for _, g := range []*bundle{first, other, first} {
				require.Equal(t, http.StatusServiceUnavailable, g.send(copyOf(t, event, g)).status)
			}
			free()
			answer := other.send(copyOf(t, event, other))
			require.Equal(t, http.StatusOK, answer.status, answer.body)
			after := first.post("github", `{"after":true}`)
			require.Equal(t, http.StatusOK, after.status)
			queue := consume(t, broker, topology.RouteQueue("pushes"))
			want := []string{answer.header.Get(httpapi.HeaderEventID), after.header.Get(httpapi.HeaderEventID)}
			got := []string{receive(t, queue).Message.ID, receive(t, queue).Message.ID}
			require.ElementsMatch(t, want, got, "a route that has an event gets it no second time")
		})
	}
}
