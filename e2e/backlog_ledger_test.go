package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowly are two routes whose destination takes a second: one in order, one not.
const slowly = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s, concurrency: 4}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
  orders: {from: [github], to: receiver, ordering: {key: body.order, partitions: 2}}
`

// A worker has events in its hands all the time that have waited for long, and of which
// nothing was heard.
func TestNothingIsUnaccountedWhileABacklogIsWorkedOff(t *testing.T) {
	t.Parallel()
	s := setup(t, slowly)
	s.receiver.answer = func(int, arrival) int {
		<-time.After(time.Second)
		return http.StatusOK
	}
	s.startGateway()
	tracker := s.startTracker()
	for n := range 250 {
		e := newGithubEvent(n)
		e.body = fmt.Sprintf(`{"order":"%d","n":%d}`, n%20, n)
		s.accept(e)
	}
	<-time.After(12 * time.Second) // they wait for longer than the ledger's margin
	s.startDeliverer()
	ends := time.Now().Add(50 * time.Second)
	for time.Now().Before(ends) {
		l := tracker.ledger()
		require.Zero(t, l.Unaccounted, "%+v", l)
		<-time.After(500 * time.Millisecond)
	}
	require.Positive(t, s.receiver.total())
}
