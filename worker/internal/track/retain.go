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

// retain deletes what is older than the retention, until ctx is done.
func (t *Tracker) retain(ctx context.Context) {
	if t.options.Retention <= 0 {
		return
	}
	ticks := time.NewTicker(retainEvery)
	defer ticks.Stop()
	for {
		if err := t.prune(ctx, time.Now().Add(-t.options.Retention)); err != nil && ctx.Err() == nil {
			t.log.Error("old events are not deleted", zap.Error(err))
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// prune goes once through the events that were accepted before a time.
func (t *Tracker) prune(ctx context.Context, before time.Time) error {
	if err := t.store.PruneTraffic(ctx, before); err != nil {
		return err
	}
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
