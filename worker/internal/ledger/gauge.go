package ledger

import "sync"

// gauge holds the last counts by route, for the metric.
type gauge struct {
	mu     sync.Mutex
	counts map[string]int
}

// set replaces the counts. It takes the map over.
func (g *gauge) set(counts map[string]int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts = counts
}

func (g *gauge) read() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.counts
}
