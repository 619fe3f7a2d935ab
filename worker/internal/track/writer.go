package track

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// How entries are batched: until there are so many records, or so long after the first.
const (
	maxRecords = 2000
	maxWait    = 50 * time.Millisecond
)

// How long to wait after the store has failed.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
)

// writer stores what the readers hand on.
type writer struct {
	tracker   *Tracker
	entries   <-chan entry
	positions map[string]store.Position
	routes    *configured // what the router was made of
	router    *router
	recent    recent // of the queue of status records
}

// run stores batches until ctx is done, or another writer has moved on.
func (w *writer) run(ctx context.Context) error {
	for {
		entries := w.gather(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.configure(ctx); err != nil {
			return err
		}
		b := w.batch(entries)
		if err := w.store(ctx, b); err != nil {
			return err
		}
		acknowledge(entries)
		w.log(ctx, entries)
		w.tracker.progress.pass(marksOf(entries), b)
		w.tracker.tell()
	}
}

// gather collects entries. It returns early when ctx is done.
func (w *writer) gather(ctx context.Context) []entry {
	var all []entry
	var due <-chan time.Time // never, before the first entry
	for records := 0; records < maxRecords; {
		select {
		case e := <-w.entries:
			if records == 0 {
				due = time.After(maxWait)
			}
			records += e.weight()
			all = append(all, e)
		case <-due:
			return all
		case <-ctx.Done():
			return nil
		}
	}
	return all
}

// configure follows the configuration.
func (w *writer) configure(ctx context.Context) error {
	wanted := w.tracker.configured.Load()
	if wanted == w.routes {
		return nil
	}
	since, err := w.tracker.store.Routes(ctx, wanted.texts(), wanted.at.Add(settleTime))
	if err != nil {
		return err
	}
	w.routes, w.router = wanted, newRouter(wanted.bindings, since)
	return nil
}

// batch makes a batch of entries, with the moves that they amount to.
func (w *writer) batch(entries []entry) *store.Batch {
	var b store.Batch
	to := map[string]store.Position{}
	for i := range entries {
		e := &entries[i]
		if e.delivery != nil {
			to[e.stream] = w.count(&b, e)
			continue
		}
		w.add(&b, e)
		to[e.stream] = store.Position{Next: e.offset + 1, LastID: e.id}
	}
	for _, stream := range []string{topology.Archive, topology.Status} {
		if next, moved := to[stream]; moved {
			b.Moves = append(b.Moves, store.Move{Stream: stream, From: w.positions[stream], To: next})
		}
	}
	return &b
}

func (w *writer) add(b *store.Batch, e *entry) {
	if e.gap != nil {
		b.Gaps = append(b.Gaps, *e.gap)
		w.tracker.log.Warn("a part of a stream is missing", zap.String("stream", e.gap.Stream),
			zap.Int64("from", e.gap.From), zap.Int64("to", e.gap.To), zap.String("reason", e.gap.Reason))
	}
	if e.accepted != nil {
		if !e.routed {
			e.accepted.Routes = w.router.match(e.accepted.Source, e.accepted.Type, e.accepted.ReceivedAt)
		}
		b.Accepted = append(b.Accepted, *e.accepted)
	}
	b.Records = append(b.Records, e.records...)
	if e.accepted != nil || len(e.records) > 0 { // a mark has the tracker's own time
		w.tracker.newest.see(e.at)
	}
	w.tracker.metrics.read(e)
}

// store stores a batch, and tries again for as long as the store fails.
func (w *writer) store(ctx context.Context, b *store.Batch) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		began := time.Now()
		err := w.tracker.store.Apply(ctx, b)
		w.tracker.note(err)
		switch {
		case err == nil:
			w.stored(ctx, b, time.Since(began))
			return nil
		case errors.Is(err, store.ErrStale), ctx.Err() != nil:
			return err
		}
		w.tracker.log.Error("the store takes nothing; trying again", zap.Error(err), zap.Duration("wait", pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *writer) stored(ctx context.Context, b *store.Batch, took time.Duration) {
	for _, m := range b.Moves {
		w.positions[m.Stream] = m.To
	}
	w.tracker.metrics.stored(ctx, b, took)
}
