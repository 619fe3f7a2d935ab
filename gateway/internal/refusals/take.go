package refusals

import (
	"cmp"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/refusal"
)

// take makes reports of what was counted, and begins to count anew.
func (r *Refusals) take() []refusal.Report {
	r.mu.Lock()
	counts, again := values(r.counts), values(r.again)
	r.mu.Unlock()
	slices.SortFunc(counts, func(a, b refusal.Count) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortFunc(again, func(a, b refusal.Repeat) int { return cmp.Compare(a.Event, b.Event) })
	var reports []refusal.Report
	for len(counts)+len(again) > 0 {
		r.number++
		n := min(len(counts), refusal.MaxCounts)
		reports = append(reports, refusal.Report{Instance: r.instance, Number: r.number, At: time.Now(), Counts: counts[:n], Repeats: again})
		counts, again = counts[n:], nil
	}
	return reports
}

// values takes all values out of a map.
func values[K comparable, V any](from map[K]*V) []V {
	all := make([]V, 0, len(from))
	for _, one := range from {
		all = append(all, *one)
	}
	clear(from)
	return all
}
