package app_test

import (
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

// load posts from several clients at once until stop is closed, and returns the
// accepted ids and what failed.
func (b *bundle) load(clients int, stop <-chan struct{}) (accepted map[string]bool, failed []string) {
	var mu sync.Mutex
	accepted = map[string]bool{}
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := b.post("github", "{}")
				mu.Lock()
				if r.status == http.StatusOK {
					accepted[r.header.Get(httpapi.HeaderEventID)] = true
				} else {
					failed = append(failed, strings.TrimSpace(r.header.Get("Retry-After")+" "+r.body+errorText(r.err)))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return accepted, failed
}

// balance does what a load balancer does: it looks whether the gateway is ready,
// and some time after it is not, sends it nothing more.
func (b *bundle) balance(gone chan<- struct{}) {
	for b.admin("/readyz").status == http.StatusOK {
		<-time.After(tick)
	}
	<-time.After(500 * time.Millisecond)
	close(gone)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// requireDelivered waits until every id was delivered.
func requireDelivered(t *testing.T, ids map[string]bool, from <-chan *amqpx.Delivery) {
	t.Helper()
	missing := len(ids)
	seen := map[string]bool{}
	for missing > 0 {
		id := receive(t, from).Message.ID
		if ids[id] && !seen[id] {
			missing--
		}
		seen[id] = true
	}
}

func TestAStopUnderLoadFailsNoRequestAndLosesNothing(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, yaml, func(s *app.Settings) { s.DrainDelay = time.Second }).ready(t)
	stopped, gone := make(chan error, 1), make(chan struct{})
	time.AfterFunc(time.Second, func() { stopped <- b.stop() })
	go b.balance(gone)
	accepted, failed := b.load(8, gone)
	require.Empty(t, failed)
	require.NoError(t, <-stopped)
	require.NotEmpty(t, accepted)
	requireDelivered(t, accepted, consume(t, broker, topology.RouteQueue("pushes")))
}

func TestADrainingGatewayIsNotReadyButServes(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, yaml, func(s *app.Settings) { s.DrainDelay = 2 * time.Second }).ready(t)
	stopped := make(chan error, 1)
	go func() { stopped <- b.stop() }()
	require.Eventually(t, func() bool { return b.admin("/readyz").status == http.StatusServiceUnavailable }, waitFor, tick)
	require.Equal(t, http.StatusOK, b.post("github", "{}").status)
	require.NoError(t, <-stopped)
	require.ErrorIs(t, b.post("github", "{}").err, syscall.ECONNREFUSED)
}

func TestLostConnectionsLoseNoAcceptedEvent(t *testing.T) {
	t.Parallel()
	broker := amqptest.New(t)
	b := setup(t, broker.URL, yaml).ready(t)
	stop := make(chan struct{})
	done := make(chan map[string]bool, 1)
	go func() {
		accepted, _ := b.load(8, stop) // some are refused, and may be
		done <- accepted
	}()
	closed := 0
	require.Eventually(t, func() bool { closed += broker.CloseConnections(t); return closed > 0 }, waitFor, tick)
	require.Eventually(t, func() bool { return b.post("github", "{}").status == http.StatusOK }, waitFor, tick)
	close(stop)
	accepted := <-done
	require.NotEmpty(t, accepted)
	requireDelivered(t, accepted, consume(t, broker.URL, topology.RouteQueue("pushes")))
}
