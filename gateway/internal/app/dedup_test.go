package app_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

// redisURL names the shared Redis for tests, which it starts at most once.
var redisURL = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("PENSTOCK_TEST_REDIS_URL"); url != "" {
		return url, nil
	}
	cmd := exec.Command("../../../.ci/redis", "up", "test")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	_, url, _ := strings.Cut(strings.TrimSpace(string(out)), "=")
	return url, err
})

// copyOf returns the request once more, as a provider would send it again.
func copyOf(t *testing.T, first *http.Request, to *bundle) (*http.Request, error) {
	t.Helper()
	req := first.Clone(context.Background())
	req.URL.Host, req.Host = to.Addr().String(), ""
	req.Body = http.NoBody
	again, err := http.NewRequestWithContext(t.Context(), req.Method, req.URL.String(), strings.NewReader("{}"))
	if err == nil {
		again.Header = req.Header
	}
	return again, err
}

func TestGatewaysThatShareARedisMakeOneEventOfCopies(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	url, err := redisURL()
	require.NoError(t, err)
	shared := func(s *app.Settings) { s.RedisURL, s.RedisTimeout = url, waitFor } // a busy machine is no reason for a duplicate
	gateways := []*bundle{setup(t, broker, yaml, shared).ready(t), setup(t, broker, yaml, shared).ready(t)}

	first, err := gateways[0].signed("github", "{}")
	require.NoError(t, err)
	var ids sync.Map
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			r := gateways[i%2].send(copyOf(t, first, gateways[i%2]))
			if r.status == http.StatusOK {
				ids.Store(r.header.Get(httpapi.HeaderEventID), true)
			}
		})
	}
	all.Wait()
	r := gateways[1].send(copyOf(t, first, gateways[1]))
	require.Equal(t, http.StatusOK, r.status, r.body)
	ids.Store(r.header.Get(httpapi.HeaderEventID), true)
	count := 0
	ids.Range(func(any, any) bool { count++; return true })
	require.Equal(t, 1, count, "every copy is answered with the first id")

	queue := consume(t, broker, topology.RouteQueue("pushes"))
	receive(t, queue)
	require.Equal(t, http.StatusOK, gateways[0].post("github", `{"other":1}`).status)
	require.Equal(t, `{"other":1}`, string(receive(t, queue).Message.Body), "nothing came between")
}

func TestWithoutItsRedisAGatewayAcceptsAndCounts(t *testing.T) {
	t.Parallel()
	address := closedAddress(t)
	b := setup(t, amqptest.Broker(t), yaml, func(s *app.Settings) { s.RedisURL, s.RedisTimeout = "redis://"+address, 500*time.Millisecond }).ready(t)
	for range 5 {
		require.Equal(t, http.StatusOK, b.post("github", "{}").status)
	}
	require.Contains(t, b.admin("/metrics").body, `penstock_dedup_unavailable_total{source="github"} 10`)
}

func TestABusySourceDoesNotPushTheEventsOfOthersOutOfTheMemory(t *testing.T) {
	t.Parallel()
	const two = yaml + "  others: {from: [busy], to: nowhere}\n"
	sources := strings.Replace(two, "sources:\n", "sources:\n  busy: {provider: github, secrets: [\"${SECRET}\"]}\n", 1)
	b := setup(t, amqptest.Broker(t), sources, func(s *app.Settings) { s.DedupEvents = 10 }).ready(t)
	calm, err := b.signed("github", "{}")
	require.NoError(t, err)
	first := b.send(copyOf(t, calm, b))
	require.Equal(t, http.StatusOK, first.status)
	for range 50 {
		require.Equal(t, http.StatusOK, b.post("busy", "{}").status)
	}
	again := b.send(copyOf(t, calm, b))
	require.Equal(t, first.header.Get(httpapi.HeaderEventID), again.header.Get(httpapi.HeaderEventID))
	require.Contains(t, b.admin("/metrics").body, `penstock_duplicates_total{source="github"} 1`)
}
