package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

func TestAnEventThatWasRefusedHasOneIDWhenItComesAgain(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	free := s.obstruct()
	sent := newGithubEvent(1)
	for range 8 {
		require.Equal(t, http.StatusServiceUnavailable, s.post(sent).status)
	}
	free()
	s.receiver.await(s.accept(sent), 1)
	s.receiver.await(s.accept(newGithubEvent(2)), 1)
	require.Equal(t, 2, s.receiver.total(), "the route took it the first time, and got it no second time")
}

// obstruct lets the archive and its deferred queue refuse events although the routes take
// them: a queue that is full is bound beside them. It returns what takes that away.
func (s *stack) obstruct() (free func()) {
	s.t.Helper()
	cfg := amqpx.Config{URLs: []string{s.broker}}
	full := amqpx.Queue{Name: "full", Args: map[string]any{"x-queue-type": "classic", "x-max-length": int64(0), "x-overflow": "reject-publish"}}
	bindings := []amqpx.Binding{
		{Source: topology.Routes, Key: topology.Archive, Queue: full.Name}, {Source: topology.Routes, Key: topology.DeferredArchive, Queue: full.Name},
	}
	require.NoError(s.t, amqpx.Declare(s.t.Context(), cfg, amqpx.Topology{Queues: []amqpx.Queue{full}, Bindings: bindings}))
	return func() { require.NoError(s.t, amqpx.Unbind(s.t.Context(), cfg, bindings)) }
}
