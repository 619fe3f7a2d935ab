package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// kinds has an ordered route with PARTITIONS, and another one that has nothing to do with it.
const kinds = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  shop: {open: true}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  orders: {from: [github], to: receiver, ordering: {key: body.n, partitions: PARTITIONS}}
  everything: {from: [shop], to: receiver}
`

// acceptAt sends an event to an open source, and returns the id that it got.
func (s *stack) acceptAt(source string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/in/"+source, strings.NewReader("{}"))
	require.NoError(s.t, err)
	a, err := do(s.client, req)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusAccepted, a.status, a.body)
	return a.eventID()
}

func TestARouteThatChangesItsKindIsRefusedAtARestartAndStopsNoOther(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.ReplaceAll(kinds, "PARTITIONS", "4"))
	gateway, deliverer := s.startGateway(), s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	gateway.stop()
	deliverer.stop()

	s.configure(strings.ReplaceAll(kinds, "PARTITIONS", "8"))
	gateway, deliverer = s.startGateway(), s.startDeliverer()
	s.receiver.await(s.acceptAt("shop"), 1)
	waiting := s.accept(newGithubEvent(2)) // it keeps its present queues
	for _, p := range []*process{gateway, deliverer} {
		status, text := p.get("/readyz")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, text, "penstock.route.orders exists with other arguments")
		require.Contains(t, text, "give the ordered route a new name")
		_, page := p.get("/metrics")
		require.True(t, containsLine(page, `penstock_topology_refused{route="orders"} 1`), page)
		require.True(t, containsLine(page, `penstock_config_last_reload_success 0`), page)
		require.NotContains(t, page, `penstock_topology_refused{route="everything"}`)
	}
	require.Empty(t, s.receiver.of(waiting), "in eight partitions it would lose its order")
	gateway.stop()
	deliverer.stop()

	s.configure(strings.ReplaceAll(kinds, "PARTITIONS", "4"))
	s.startGateway()
	s.startDeliverer()
	s.receiver.await(waiting, 1)
}

func TestAQueueInTheWayOfOneRouteIsReportedAndItsSourceAloneIsRefused(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	s := setupOn(t, strings.ReplaceAll(kinds, "PARTITIONS", "4"), vhost.URL)
	ch := s.operator().channel()
	_, err := ch.QueueDeclare("penstock.route.orders", true, false, false, false, nil)
	require.NoError(t, err)
	gateway, deliverer := s.startGateway(), s.startDeliverer()
	s.receiver.await(s.acceptAt("shop"), 1)
	a := s.post(newGithubEvent(1))
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.NotEmpty(t, a.header.Get("Retry-After"))
	for _, p := range []*process{gateway, deliverer} {
		_, text := p.get("/readyz")
		require.Contains(t, text, "another kind of queue is in the way")
	}

	vhost.DeleteQueue(t, "penstock.route.orders")
	require.Eventually(t, func() bool { return s.post(newGithubEvent(2)).status == http.StatusOK }, 60*time.Second, time.Second, "it is not made")
	require.Eventually(t, func() bool { return s.receiver.total() > 1 }, 60*time.Second, 100*time.Millisecond, "it is not consumed")
}
