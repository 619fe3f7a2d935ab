package track

import (
	"context"
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
	err := t.store.PruneTraffic(ctx, time.Now().Add(-trafficKept))
	if err != nil || t.options.Retention <= 0 {
		return err
	}
	before := time.Now().Add(-t.options.Retention)
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
