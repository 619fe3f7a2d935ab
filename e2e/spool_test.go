package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// spooling is plain for a sender that never comes again.
const spooling = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], onBrokerOutage: spool}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
`

func TestWhatIsSpooledInAnOutageSurvivesAKilledGateway(t *testing.T) {
	t.Parallel()
	broker, url := startNode(t, "spool")
	s := setupOn(t, spooling, url)
	s.env["PENSTOCK_SPOOL_DIR"] = t.TempDir()
	gateway := s.startGateway()
	s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(0)), 1)

	broker.run("kill")
	sent := s.load(loadPlan{workers: 8, events: 500})
	ids := sent.wait()
	require.Len(t, ids, 500, "every event is answered 2xx in the outage")
	require.Equal(t, http.StatusOK, gateway.status("/readyz"), "senders must still be sent here")

	gateway.kill()
	gateway = s.startGateway() // without a broker
	ids = append(ids, s.accept(newGithubEvent(1_000_000)))
	gateway.kill()
	s.startGateway()
	require.NotContains(t, s.receiver.arrivals, ids[0])

	broker.run("up")
	duplicates := s.receiver.awaitAll(ids)
	t.Logf("%d events accepted without a broker, the gateway killed twice: all arrived, %d more arrivals", len(ids), duplicates)
}
