package ingest

import "sync/atomic"

// Budget bounds something that requests in flight hold together: their number,
// or the bytes of their bodies. It never makes anyone wait: what does not fit is
// refused at once. It is safe for concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of limit units, of which none is used.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Take takes n units, or none and returns false when they do not fit.
func (b *Budget) Take(n int64) bool {
	if b.used.Add(n) > b.limit {
		b.used.Add(-n)
		return false
	}
	return true
}

// Give gives back n units that were taken.
func (b *Budget) Give(n int64) { b.used.Add(-n) }

// Used returns the units that are taken now.
func (b *Budget) Used() int64 { return b.used.Load() }
