package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unready returns what /readyz says each time that it is not 200, until done is closed.
func (p *process) unready(done <-chan struct{}) <-chan []string {
	all := make(chan []string, 1)
	go func() {
		var said []string
		ticks := time.NewTicker(2 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-done:
				all <- said
				return
			case <-ticks.C:
				if status, text := p.get("/readyz"); status != http.StatusOK {
					said = append(said, text)
				}
			}
		}
	}()
	return all
}

// A route holds as many events as their size allows, and as its destination takes at once.
// That both change is no reason to call the deliverer not ready.
func TestADelivererStaysReadyWhileItHoldsMoreOrFewerEvents(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.env["GOMEMLIMIT"] = "128MiB"
	deliverer := s.startDeliverer()
	done := make(chan struct{})
	said := deliverer.unready(done)
	var ids []string
	for round := range 3 {
		ids = append(ids, s.acceptAtOnce(1000*round, 100)...)
		e := newGithubEvent(1000*round + 999)
		e.body = `{"data":"` + strings.Repeat("x", 4_000_000) + `",` + e.body[1:]
		ids = append(ids, s.accept(e))
		s.receiver.awaitAll(ids)
	}
	for _, concurrency := range []string{"4", "64", "16"} {
		s.configure(strings.Replace(plain, "timeout: 5s", "timeout: 5s, concurrency: "+concurrency, 1))
		ids = append(ids, s.acceptAtOnce(5000+len(ids), 50)...)
		s.receiver.awaitAll(ids)
	}
	close(done)
	require.Empty(t, <-said)
}
