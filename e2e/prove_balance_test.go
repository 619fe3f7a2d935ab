//go:build prove

package e2e

import (
	"net/http"
	"sync/atomic"
	"time"
)

// entrance is a gateway as its load balancer sees it.
type entrance struct {
	address string
	process atomic.Pointer[process]
	ready   atomic.Bool
}

// balance asks each gateway again and again whether it is ready, until the test ends.
func (s *site) balance() {
	for _, g := range s.gateways {
		g.ready.Store(true)
		go func() {
			ticker := time.NewTicker(100 * time.Millisecond)
			defer ticker.Stop()
			for s.t.Context().Err() == nil {
				<-ticker.C
				g.ready.Store(g.process.Load().status("/readyz") == http.StatusOK)
			}
		}()
	}
}

// pick chooses the gateway of the n-th request: among those that are ready or, when
// none is, among all.
func (s *site) pick(n int) *entrance {
	for i := range s.gateways {
		if g := s.gateways[(n+i)%len(s.gateways)]; g.ready.Load() {
			return g
		}
	}
	return s.gateways[n%len(s.gateways)]
}
