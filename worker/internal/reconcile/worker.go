package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/filter"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// How long to wait between two steps when there is nothing to do, after a failure at first, and
// after many.
const (
	idle        = 2 * time.Second
	longRest    = 10 * time.Second
	firstPause  = 10 * time.Second
	longestHold = 5 * time.Minute
)

// worker works on one account. It belongs to one goroutine.
type worker struct {
	*Reconciler

	account  *config.Account
	facts    *account.Facts
	api      adapter.Adapter
	types    *routing.Table
	filter   *filter.Filter // nil: everything is wanted
	log      *zap.Logger
	row      store.Account
	pos      position
	carried  carried
	report   Report
	recovery *store.Recovery // what a person asked for; nil: nothing
	underWay bool            // something was asked for or published, and has not arrived
}

func (r *Reconciler) worker(a *config.Account) (*worker, error) {
	api, err := r.Adapter(a)
	if err != nil {
		return nil, err
	}
	w := &worker{Reconciler: r, account: a, facts: a.Facts(), api: api, log: r.Log.With(zap.String("account", a.Name))}
	patterns := make([]string, len(a.Types))
	for i, p := range a.Types {
		patterns[i] = a.Source + "." + p
	}
	w.types = routing.NewTable(map[string][]string{a.Name: patterns})
	if a.Filter != "" {
		if w.filter, err = filter.Compile(a.Filter); err != nil {
			return nil, fmt.Errorf("account %s: %w", a.Name, err)
		}
	}
	return w, nil
}

// run takes steps until ctx is done.
func (w *worker) run(ctx context.Context) {
	for {
		wait, err := w.step(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Warn("the account cannot be reconciled now", zap.Error(err), zap.Duration("wait", wait))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// step does one thing, and returns how long to wait for the next.
func (w *worker) step(ctx context.Context) (wait time.Duration, err error) {
	if err := w.load(ctx); err != nil {
		return firstPause, err
	}
	if blind, err := w.look(ctx); blind || err != nil {
		return idle, err
	}
	did, err := w.work(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return idle, err
	case err != nil:
		return idle, w.fail(ctx, err)
	case did:
		return 0, nil
	default:
		return w.rest(), nil
	}
}

// rest is how long to wait when there is nothing to do: not long while something is on its way.
func (w *worker) rest() time.Duration {
	if w.underWay {
		return idle
	}
	return min(max(w.pos.NextAt.Sub(w.now()), idle), longRest)
}

// work does the first thing that there is to do.
func (w *worker) work(ctx context.Context) (did bool, err error) {
	steps := []func(context.Context) (bool, error){w.settle, w.begin, w.ripen, w.recheck}
	if !w.now().Before(w.pos.HoldTo) {
		steps = append(steps, w.recoverSome, w.watch, w.list)
	}
	for _, step := range steps {
		if did, err := step(ctx); did || err != nil {
			return did, err
		}
	}
	return false, w.endRecovery(ctx)
}

// look reports whether the store does not know now what was accepted. Then nothing is judged.
func (w *worker) look(ctx context.Context) (blind bool, err error) {
	switch err := w.knows(); {
	case !w.Archive:
		return true, w.blame(ctx, troubleArchive)
	case err != nil:
		w.log.Debug("it is not known what was accepted", zap.Error(err))
		return true, w.blame(ctx, troubleBehind)
	case w.row.Trouble == troubleBehind, w.row.Trouble == troubleArchive:
		w.absolve()
		return false, w.save(ctx, nil)
	default:
		return false, nil
	}
}

// knows returns nil when the store has what was accepted until a moment ago. What it does not
// have yet was accepted less than half of an account's wait ago.
func (w *worker) knows() error {
	if !w.Archive {
		return errors.New("without an archive it is not known what was accepted")
	}
	if err := w.Tracker.Current(); err != nil {
		return err
	}
	if behind := w.Tracker.Behind(); behind > w.account.LateBy()/2 {
		return fmt.Errorf("the store is %v behind the archive", behind.Round(time.Second))
	}
	return nil
}

func (w *worker) now() time.Time { return w.Now().UTC() }

// load reads how far the account has come.
func (w *worker) load(ctx context.Context) error {
	row, err := w.Store.Account(ctx, w.account.Name)
	if errors.Is(err, store.ErrNotFound) {
		row, err = &store.Account{Name: w.account.Name}, nil
	}
	if err != nil {
		return err
	}
	w.row = *row
	if w.row.Source != w.account.Source || w.row.Provider != w.account.Provider { // it is another one of this name
		w.row = store.Account{Name: w.account.Name, Source: w.account.Source, Provider: w.account.Provider, Version: row.Version}
	}
	if w.pos, err = parsePosition(w.row.Position); err != nil {
		return fmt.Errorf("read the position: %w", err)
	}
	if w.carried, err = parseCarried(w.row.Page); err != nil {
		return fmt.Errorf("read the page in work: %w", err)
	}
	w.report = ReportOf(&w.row)
	w.recovery = nil
	switch asked, err := w.Store.Recovery(ctx, w.account.Name); {
	case err == nil:
		w.recovery = &asked
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return nil
}

// save stores where the worker is, and what has changed.
func (w *worker) save(ctx context.Context, changed []store.Sent, audit ...store.Audit) error {
	return w.saveAll(ctx, changed, nil, audit...)
}

// saveAll also stores events that are as they were, and are only looked at later: the metrics have
// counted those.
func (w *worker) saveAll(ctx context.Context, changed, later []store.Sent, audit ...store.Audit) error {
	usage := w.api.Usage()
	w.report.Calls, w.report.Limit, w.report.Remaining, w.report.ResetAt = usage.Calls, usage.Limit, usage.Remaining, usage.Reset
	report, err := json.Marshal(w.report)
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	w.row.Position, w.row.Page, w.row.Report = w.pos.text(), w.carried.text(), string(report)
	step := &store.AccountStep{Account: w.row, Sent: slices.Concat(changed, later), Audit: audit}
	if !w.pos.Listed.IsZero() {
		step.Forget = w.pos.Listed.Add(-w.listed()).Add(-time.Hour)
	}
	version, err := w.Store.SaveAccount(ctx, step)
	if err != nil {
		return err
	}
	w.row.Version = version
	w.metrics.count(ctx, w.account.Name, changed)
	return nil
}

// listed is for how long an event may be listed again.
func (w *worker) listed() time.Duration {
	if w.facts.Repeats {
		return w.facts.Window
	}
	return 2 * w.facts.Overlap
}
