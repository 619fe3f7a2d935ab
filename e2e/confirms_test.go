package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

func TestABrokerThatConfirmsFiveSecondsLateRefusesNothing(t *testing.T) {
	t.Parallel()
	proxy := amqptest.NewProxy(t, amqptest.Broker(t))
	proxy.DelayConfirms(5 * time.Second)
	s := setupOn(t, plain, proxy.URL)
	s.env["PENSTOCK_PUBLISH_TIMEOUT"] = "15s"
	s.startGateway()
	const events = 60 // at most 72 are without an answer on a queue
	var mu sync.Mutex
	var ids []string
	var all sync.WaitGroup
	for n := range events {
		all.Go(func() {
			a := s.post(newGithubEvent(n))
			mu.Lock()
			defer mu.Unlock()
			if a.status == http.StatusOK {
				ids = append(ids, a.eventID())
			}
		})
	}
	all.Wait()
	require.Len(t, ids, events, "what the broker stores in time is accepted")
	s.startDeliverer()
	require.Zero(t, s.receiver.awaitAll(ids))
}
