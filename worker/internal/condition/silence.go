package condition

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// How a source's rhythm is known: by the counts of tens of minutes of two days. A source has
// one when it sent in so many of them.
const (
	bucket     = 10 * time.Minute
	remembered = 47 * time.Hour
	leastSent  = 12
)

// Silence is as long as twice the longest pause that the source has made, and an hour at least.
const leastSilence = time.Hour

// findSilent finds the configured sources that are silent against their own rhythm.
func (w *Watch) findSilent(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	since := now.Add(-remembered).Truncate(bucket)
	counts, err := w.Store.Series(ctx, since, bucket, store.BySource)
	if err != nil {
		return nil, false
	}
	sent := map[string]map[int]bool{}
	for _, c := range counts {
		if c.Kind != store.AcceptedKind || w.Config().Sources[c.Name] == nil {
			continue
		}
		if sent[c.Name] == nil {
			sent[c.Name] = map[int]bool{}
		}
		sent[c.Name][c.Bucket] = true
	}
	for name, buckets := range sent {
		last, silent := isSilent(buckets, int(now.Sub(since)/bucket))
		if silent {
			at := since.Add(time.Duration(last+1) * bucket)
			found = append(found, store.Condition{
				Key: incident.Key{Kind: incident.SilentSource, Source: name}, Count: 1,
				Detail: "its last event came before " + at.UTC().Format(time.RFC3339),
			})
		}
	}
	return found, true
}

// isSilent reports whether a source that sent in some buckets is silent in the present one,
// and in which it sent last.
func isSilent(sent map[int]bool, present int) (last int, silent bool) {
	last, longest := -1, 0
	for i := range present + 1 {
		if !sent[i] {
			continue
		}
		if last >= 0 {
			longest = max(longest, i-last)
		}
		last = i
	}
	if len(sent) < leastSent {
		return last, false
	}
	return last, present-last > max(2*longest, int(leastSilence/bucket))
}
