//go:build benchmark

package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// The last day of the installation: in each minute one event for each pair of a source
// and a route, of which every tenth is still in flight; and a destination that is down,
// with a long backlog. Dead letters and failures have answers.
const dayMinutes, dayPairs, dayBacklog = 24 * 60, 60, 50_000

// fillDay writes the last day, and a job for the audit now and then, unless they are there.
func fillDay(t *testing.T, b *bench) {
	now := time.Now()
	traffic, err := b.Traffic(b.ctx, now.Add(-24*time.Hour))
	require.NoError(t, err)
	if len(traffic) > dayMinutes*dayPairs/2 {
		return
	}
	n := b.size(t)
	began := time.Now()
	for minute := range dayMinutes {
		var batch dayBatch
		for pair := range dayPairs {
			batch.put(dayEvent(n, pair, now.Add(time.Duration(minute-dayMinutes)*time.Minute)))
			n++
		}
		b.apply(t, batch.Batch)
		b.addJob(t, now)
	}
	for left := dayBacklog; left > 0; left -= 5000 {
		var batch dayBatch
		for range 5000 {
			a, _ := dayEvent(n, 7, now.Add(-time.Duration(left)*time.Millisecond))
			batch.put(a, nil)
			n++
		}
		b.apply(t, batch.Batch)
	}
	t.Logf("the last day: %d events, %v", dayMinutes*dayPairs+dayBacklog, time.Since(began).Round(time.Second))
}

type dayBatch struct{ store.Batch }

func (b *dayBatch) put(a store.Accepted, records []status.Record) {
	b.Accepted = append(b.Accepted, a)
	b.Records = append(b.Records, records...)
}

func dayEvent(n int64, pair int, at time.Time) (store.Accepted, []status.Record) {
	a, _ := benchEvent(n)
	a.Source, a.ReceivedAt = fmt.Sprintf("source-%d", pair%benchSources), at
	a.Routes = []string{fmt.Sprintf("route-%d", pair%benchRoutes)}
	r := record(n, a.Routes[0], status.Delivered)
	r.Source, r.Type, r.ReceivedAt, r.At, r.HTTPStatus = a.Source, a.Type, at, at.Add(time.Second), 200
	failed := r
	failed.Kind, failed.Reason, failed.HTTPStatus, failed.NextAt = status.Retrying, fault.ReasonServerError, 503, at.Add(time.Hour)
	failed.Answer = []byte(`{"error": "the database is down, come again later"}`)
	switch n % 20 {
	case 3:
		return a, nil
	case 13:
		return a, []status.Record{failed}
	case 17:
		dead := failed
		dead.Kind, dead.Reason, dead.LastReason, dead.NextAt = status.Dead, fault.ReasonMaxAttempts, fault.ReasonServerError, time.Time{}
		return a, []status.Record{failed, failed, dead}
	default:
		return a, []status.Record{r}
	}
}

// addJob adds a job that has ended.
func (b *bench) addJob(t *testing.T, at time.Time) {
	j := &store.Job{ID: event.NewID(), Kind: store.Replay, Rate: 100, By: "bench", State: store.JobDone, Created: at, Ended: at}
	require.NoError(t, b.AddJob(b.ctx, j, store.Audit{By: "bench", Action: "replay", Target: j.ID}))
}
