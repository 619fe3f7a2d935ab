package track

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/store"
)

// How old events are deleted: so often, in steps of so many, with pauses between them
// in which batches are stored.
const (
	retainEvery = time.Minute
	retainStep  = 500
	retainPause = 20 * time.Millisecond
)

// trafficKept is how long the counts of minutes are kept: the API gives those of a day.
const trafficKept = 48 * time.Hour

// newest is when the newest message of the streams was published, by the clocks of gateways
// and deliverers. The tracker's own clock alone deletes nothing: it may have jumped. It is safe
// for concurrent use, and the zero value has seen nothing.
type newest struct{ at atomic.Int64 } // in milliseconds since 1970

// see notes a message that another process published.
func (n *newest) see(at time.Time) {
	if ms := at.UnixMilli(); ms > n.at.Load() {
		n.at.Store(ms)
	}
}

// time returns what time it is at most, by the tracker's clock and by the others. It is long
// ago before anything was seen.
func (n *newest) time(now time.Time) time.Time {
	if seen := time.UnixMilli(n.at.Load()); seen.Before(now) {
		return seen
	}
	return now
}

// retain deletes what is older than the retention, until ctx is done.
func (t *Tracker) retain(ctx context.Context) {
	ticks := time.NewTicker(retainEvery)
	defer ticks.Stop()
	for {
		if err := t.prune(ctx); err != nil && ctx.Err() == nil {
			t.log.Error("old events are not deleted", zap.Error(err))
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// prune goes once through the events that were accepted before the retention began.
func (t *Tracker) prune(ctx context.Context) error {
	now := t.newest.time(time.Now())
	err := t.store.PruneTraffic(ctx, now.Add(-trafficKept))
	if err != nil || t.options.Retention <= 0 {
		return err
	}
	before := now.Add(-t.options.Retention)
	deleted := 0
	for at := (store.Cursor{}); ; {
		done, err := t.store.Prune(ctx, before, at, retainStep)
		if err != nil {
			return err
		}
		deleted += done.Deleted
		if at = done.At; at.IsZero() {
			break
		}
		select {
		case <-time.After(retainPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if deleted > 0 {
		t.metrics.pruned(ctx, deleted)
		t.log.Info("deleted old events", zap.Int("events", deleted))
	}
	return nil
}
