package ledger

import (
	"sync"
	"time"
)

// gauge holds the last counts by route, for the metric.
type gauge struct {
	mu     sync.Mutex
	counts map[string]int
	at     time.Time // of the verdict that they are from
}

// set replaces the counts. It takes the map over.
func (g *gauge) set(counts map[string]int, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts, g.at = counts, at
}

// read returns the counts; none when the verdict is too old to hold. A gauge that stays would
// say that nothing is missing.
func (g *gauge) read(now time.Time) map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !holds(g.at, now) {
		return nil
	}
	return g.counts
}
