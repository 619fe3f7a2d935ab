package replay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/worker/internal/store"
)

// How often progress is saved, how long one delivery may take to be finished when the
// runner stops, and how long the counting may take.
const (
	saveEvery = 500 * time.Millisecond
	grace     = 10 * time.Second
	patience  = 3 * time.Second
)

// What is in flight: so many bytes, of which each delivery takes a share at least.
const (
	flightBytes = 32 << 20
	flightShare = 512 << 10
)

// mostCounted bounds the counting of a job's events.
const mostCounted = 1_000_000

// work is a job that is being worked on.
type work struct {
	*Runner

	job     *store.Job
	log     *zap.Logger
	limiter *rate.Limiter
	flight  *semaphore.Weighted
	running sync.WaitGroup                 // deliveries in flight
	found   map[string]map[string]struct{} // the dead letters that were in their queue, by route and event

	routes *routing.Table // of routed; only the walk uses them
	routed *config.Config

	mu       sync.Mutex
	progress store.Progress
	at       position
}

func newWork(r *Runner, job *store.Job) *work {
	return &work{
		Runner: r, job: job, log: r.Log.With(zap.String("job", job.ID)), progress: job.Progress,
		limiter: rate.NewLimiter(rate.Limit(job.Rate), max(1, job.Rate/10)),
		flight:  semaphore.NewWeighted(flightBytes),
		found:   map[string]map[string]struct{}{},
	}
}

// run works on the job until it has ended or ctx is done. It may be called again.
func (w *work) run(ctx context.Context) (err error) {
	if w.at, err = parsePosition(w.progress.Position); err != nil {
		return w.fail(ctx, err)
	}
	if err := w.save(ctx); err != nil {
		return err
	}
	if err := w.count(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	saved := make(chan struct{})
	go func() { defer close(saved); w.keepSaving(ctx, cancel) }()
	err = w.phases(ctx)
	cancel(nil)
	<-saved
	ctx = context.WithoutCancel(ctx)
	if w.job.Kind.Waits() && errors.Is(err, store.ErrEnded) {
		err = errors.Join(err, w.letGo(ctx))
	}
	switch {
	case err == nil:
		return w.end(ctx, store.JobDone, store.NoTrouble)
	case hopeless(troubleOf(err)):
		return w.fail(ctx, err)
	default:
		w.note(err)
		return errors.Join(err, w.save(ctx))
	}
}

// phases do what there is to do. The sweep comes after the walk, which must not meet what the
// sweep has replayed, and then what the sweep has missed.
func (w *work) phases(ctx context.Context) error {
	for _, phase := range []func(context.Context) error{w.check, w.walk, w.sweep, w.missed} {
		if err := errors.Join(phase(ctx), context.Cause(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// keepSaving saves until ctx is done. When the job was ended by somebody else, it ends
// the work.
func (w *work) keepSaving(ctx context.Context, cancel context.CancelCauseFunc) {
	ticks := time.NewTicker(saveEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if err := w.save(ctx); errors.Is(err, store.ErrEnded) {
			cancel(store.ErrEnded)
			return
		}
	}
}

func (w *work) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	w.mu.Lock()
	w.progress.Position = w.at.String()
	p := w.progress
	w.mu.Unlock()
	return w.Store.SaveJob(ctx, w.job.ID, p)
}

// fail ends a job that can never go on.
func (w *work) fail(ctx context.Context, why error) error {
	w.log.Warn("the job can never go on", zap.Error(why))
	return w.end(ctx, store.JobFailed, troubleOf(why))
}

func (w *work) end(ctx context.Context, state store.JobState, why store.Trouble) error {
	w.mu.Lock()
	w.progress.Trouble = why
	done := w.progress.Done
	w.mu.Unlock()
	if err := w.save(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	w.log.Info("the job has ended", zap.String("state", string(state)), zap.Int64("done", done))
	return w.Store.EndJob(ctx, w.job.ID, state, store.Audit{
		By: w.job.By, Action: w.job.Kind.Action() + "-ended", Target: w.job.ID, Detail: string(state), Count: done,
	})
}

// count finds out how much there is to do, unless that takes too long.
func (w *work) count(ctx context.Context) error {
	f := &w.job.Filter
	switch {
	case w.progress.Total != store.Uncounted:
		return nil
	case len(f.IDs) > 0:
		w.progress.Total = int64(len(f.IDs))
		return nil
	}
	n, complete, err := w.Store.Count(ctx, f.Query(), mostCounted, patience)
	if err != nil {
		return fmt.Errorf("count what the job is about: %w", err)
	}
	if complete {
		w.progress.Total = int64(n)
	}
	return nil
}

// did counts what was done.
func (w *work) did(done, skipped int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Done += done
	w.progress.Skipped += skipped
	if done > 0 {
		w.progress.Trouble = store.NoTrouble
	}
}

// note says what the job waits for.
func (w *work) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Trouble = troubleOf(err)
}

// move notes how far the job has come, and saves that.
func (w *work) move(ctx context.Context, change func(*position)) error {
	w.mu.Lock()
	change(&w.at)
	w.mu.Unlock()
	return w.save(ctx)
}
