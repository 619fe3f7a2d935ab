package e2e

import (
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// fewest are the connections of one process each at the smallest setting: to publish and
// to consume stay apart, and so do a gateway's events and what it reports.
var fewest = map[string]int{"penstock-gateway": 2, "penstock-deliver": 2, "penstock-track": 2}

func TestAnInstallationWorksOverTheFewestConnections(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	s := setupOn(t, plain, vhost.URL)
	s.env["PENSTOCK_AMQP_CONNECTIONS"] = "1"
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	ids := s.acceptAtOnce(0, 300)
	require.Eventually(t, func() bool { return maps.Equal(fewest, vhost.Connections(t)) }, 60*time.Second, 200*time.Millisecond,
		"the broker has other connections")
	s.receiver.awaitAll(ids)
	tracker.awaitClosed(len(ids))
}

// acceptAtOnce sends so many events side by side, numbered from first on, and returns their
// ids.
func (s *stack) acceptAtOnce(first, n int) []string {
	s.t.Helper()
	ids := make([]string, n)
	var sending sync.WaitGroup
	places := make(chan struct{}, 32)
	for i := range ids {
		places <- struct{}{}
		sending.Go(func() {
			defer func() { <-places }()
			if a := s.post(newGithubEvent(first + i)); a.status == http.StatusOK {
				ids[i] = a.eventID()
			}
		})
	}
	sending.Wait()
	require.NotContains(s.t, ids, "", "an event was refused")
	return ids
}
