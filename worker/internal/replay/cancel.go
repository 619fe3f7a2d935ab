package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// decideLook is how often a job looks whether the store has decided about what it cancels.
const decideLook = 50 * time.Millisecond

// cancel ends the rounds of a page of events that wait. It returns those whose rounds this job
// has ended, also before it was interrupted. The others had ended already, or are another job's.
func (w *work) cancel(ctx context.Context, goals []goal) (cancelled []goal, err error) {
	if len(goals) == 0 {
		return nil, nil
	}
	rounds := roundsOf(goals)
	if err := w.Store.AddTombstones(ctx, w.job.ID, rounds); err != nil {
		return nil, explainFull(err)
	}
	undecided, _, err := w.tombstones(ctx, goals)
	if err != nil {
		return nil, err
	}
	if len(undecided) > 0 {
		if err := w.decideRounds(ctx, undecided, goals); err != nil {
			return nil, err
		}
	}
	_, ended, err := w.tombstones(ctx, goals)
	if err != nil {
		return nil, err
	}
	if _, err := w.Commander.Send(ctx); err != nil { // until then deliverers withhold what surfaces
		return nil, err
	}
	w.countCancelled(ended, len(rounds))
	return keepEnded(goals, ended), nil
}

// decideRounds withholds rounds until the store has decided about each.
func (w *work) decideRounds(ctx context.Context, rounds []consume.Round, goals []goal) error {
	if err := w.awaitFence(ctx, rounds); err != nil {
		return err
	}
	for some := range slices.Chunk(w.cancellations(rounds, goals), status.MaxRecords) {
		if err := w.insist(ctx, func(ctx context.Context) error { return w.Recorder.Emit(ctx, some...) }); err != nil {
			return fmt.Errorf("record what is cancelled: %w", err)
		}
	}
	for {
		undecided, _, err := w.tombstones(ctx, goals)
		if err != nil || len(undecided) == 0 {
			return err
		}
		over, err := w.findOver(ctx, undecided)
		if err != nil {
			return err
		}
		if len(over) > 0 {
			if err := w.Store.LiftTombstones(ctx, w.job.ID, over); err != nil {
				return err
			}
		}
		if err := pause(ctx, decideLook); err != nil {
			return err
		}
	}
}

// findOver returns those of the rounds that are not withheld for anything: they have ended, or the
// event is on another one.
func (w *work) findOver(ctx context.Context, rounds []consume.Round) (over []consume.Round, err error) {
	for _, r := range rounds {
		e, err := w.Store.Event(ctx, r.Event)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if e == nil || !slices.ContainsFunc(e.Deliveries, func(d store.Delivery) bool { return waitsOn(&d, r) }) {
			over = append(over, r)
		}
	}
	return over, nil
}

func waitsOn(d *store.Delivery, r consume.Round) bool {
	return d.Route == r.Route && d.Replay == r.Replay && (d.State == store.Pending || d.State == store.Retrying)
}

// cancellations are the records that the rounds are cancelled.
func (w *work) cancellations(rounds []consume.Round, goals []goal) []status.Record {
	byID := map[string]*goal{}
	for i := range goals {
		byID[goals[i].ID] = &goals[i]
	}
	records := make([]status.Record, len(rounds))
	for i, r := range rounds {
		g := byID[r.Event]
		records[i] = status.Record{
			Kind: status.Cancelled, Event: r.Event, Source: g.Source, Type: g.Type, Route: r.Route,
			Reason: fault.ReasonOperator, Replay: r.Replay, By: w.job.By,
		}
	}
	return records
}

// tombstones returns the job's own tombstones of a page.
func (w *work) tombstones(ctx context.Context, goals []goal) (undecided, ended []consume.Round, err error) {
	ids := make([]string, len(goals))
	for i := range goals {
		ids[i] = goals[i].ID
	}
	all, err := w.Store.TombstonesOf(ctx, w.job.ID, ids)
	return all.Withheld, all.Dropped, err
}

// letGo lets the events go on that the job withholds: it has ended before it was decided.
func (w *work) letGo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := w.Store.PruneTombstones(ctx, time.Now()); err != nil {
		return err
	}
	_, err := w.Commander.Send(ctx)
	return err
}

// countCancelled counts what was cancelled of a page. What is retried now is counted when it is replayed.
func (w *work) countCancelled(ended []consume.Round, all int) {
	done := int64(len(ended))
	w.did(0, int64(all)-done)
	if w.job.Kind == store.Cancel {
		w.did(done, 0)
	}
}

func roundsOf(goals []goal) (rounds []consume.Round) {
	for _, g := range goals {
		for i, route := range g.Routes {
			rounds = append(rounds, consume.Round{Event: g.ID, Route: route, Replay: g.Rounds[i]})
		}
	}
	return rounds
}

// keepEnded returns the goals with those of their routes whose rounds have ended.
func keepEnded(goals []goal, ended []consume.Round) (left []goal) {
	for _, g := range goals {
		one := goal{ID: g.ID, Offset: g.Offset}
		for i, route := range g.Routes {
			if slices.Contains(ended, consume.Round{Event: g.ID, Route: route, Replay: g.Rounds[i]}) {
				one.Routes = append(one.Routes, route)
			}
		}
		if len(one.Routes) > 0 {
			left = append(left, one)
		}
	}
	return left
}

func explainFull(err error) error {
	if errors.Is(err, store.ErrTooManyTombstones) {
		return because(store.TooManyTombstones, err)
	}
	return err
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
