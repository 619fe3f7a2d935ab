package ingest

import (
	"sync"
	"sync/atomic"
)

// Budget bounds something that requests in flight hold together: their number,
// or the bytes of their bodies. It never makes anyone wait: what does not fit is
// refused at once. It is safe for concurrent use.
type Budget struct {
	limit  int64
	used   atomic.Int64
	shares sync.Map // of *Share, by the source's name
	count  atomic.Int64
}

// NewBudget returns a budget of limit units, of which none is used.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Used returns the units that are taken now.
func (b *Budget) Used() int64 { return b.used.Load() }

// Share returns the source's share, the same one each time. A source that is no
// longer configured keeps its own, which is empty.
func (b *Budget) Share(source string) *Share {
	if s, there := b.shares.Load(source); there {
		return s.(*Share) //nolint:forcetypeassert,errcheck // nothing else is stored
	}
	s, there := b.shares.LoadOrStore(source, &Share{budget: b})
	if !there {
		b.count.Add(1)
	}
	return s.(*Share) //nolint:forcetypeassert,errcheck // as above
}

// greed is how much a source may hold, as a multiple of what is free. A source that
// wants everything gets four fifths of the budget, two get four ninths each, and
// there is always room for one that comes later.
const greed = 4

// Share is what one source may take of a budget: all of it while it is the only
// source, and else as much as leaves room for others. The bound follows what is
// free, as the dynamic thresholds of packet switches do (Choudhury and Hahne, 1998).
// It is safe for concurrent use.
type Share struct {
	budget *Budget
	used   atomic.Int64
}

// Take takes n units, or none and returns false when they do not fit.
func (s *Share) Take(n int64) bool {
	b := s.budget
	own, all := s.used.Add(n), b.used.Add(n)
	free := b.limit - (all - n)
	if all <= b.limit && (b.count.Load() == 1 || own <= greed*free) {
		return true
	}
	s.Give(n)
	return false
}

// Give gives back n units that were taken.
func (s *Share) Give(n int64) {
	s.used.Add(-n)
	s.budget.used.Add(-n)
}
