package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

// A gateway whose broker blocks publishers, and then goes away and comes back,
// answers 503 and works again by itself.
func TestAnOutageIsAnsweredAndEndsByItself(t *testing.T) {
	t.Parallel()
	node := amqptest.Private(t)
	broker := node.Vhost(t).URL
	b := setup(t, broker, yaml, func(s *app.Settings) { s.PublishTimeout = time.Second }).ready(t)
	accepted := map[string]bool{}
	works := func() bool {
		r := b.post("github", "{}")
		if r.status == http.StatusOK {
			accepted[r.header.Get(httpapi.HeaderEventID)] = true
		}
		return r.status == http.StatusOK
	}
	require.True(t, works())

	node.Alarm(t, true)
	requireOutage(t, b)
	node.Alarm(t, false)
	require.Eventually(t, works, waitFor, tick)

	node.Stop(t)
	requireOutage(t, b)
	node.Start(t)
	require.Eventually(t, works, waitFor, tick)
	b.ready(t)
	requireDelivered(t, accepted, consume(t, broker, topology.RouteQueue("pushes")))
}

// requireOutage checks that events are refused, the later ones at once: the first
// may be in flight when the outage shows.
func requireOutage(t *testing.T, b *bundle) {
	t.Helper()
	require.Eventually(t, func() bool {
		began := time.Now()
		r := b.post("github", "{}")
		return r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") != "" &&
			time.Since(began) < 500*time.Millisecond && !strings.Contains(b.admin("/readyz?verbose").body, `"broker":"ok"`)
	}, waitFor, tick)
	require.Equal(t, http.StatusOK, b.admin("/readyz").status, "it answers: a load balancer goes on sending")
	require.Equal(t, http.StatusOK, b.admin("/healthz").status)
}
