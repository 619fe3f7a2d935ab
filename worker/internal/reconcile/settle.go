package reconcile

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/store"
)

// Why an event is lost.
const (
	reasonGone    = "gone"         // the provider does not have it any more
	reasonRefused = "not-accepted" // no gateway accepted it
	reasonNoMeans = "no-means"     // every way to bring it back was tried
)

// How many events are looked at in one step, and how long to wait until a lost one, and one
// that is only shown, is looked at again.
const (
	settleMost = 1000
	lostAgain  = time.Hour
)

// far is later than anything is due.
var far = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// settle sees what became of what was asked for or published.
func (w *worker) settle(ctx context.Context) (bool, error) {
	open, err := w.Store.SentDue(ctx, w.account.Name, far, settleMost, store.SentAsked, store.SentPublishing, store.SentPublished)
	w.underWay = len(open) > 0
	if err != nil || len(open) == 0 {
		return false, err
	}
	accepted, err := w.accepted(ctx, open)
	if err != nil {
		return false, err
	}
	var changed []store.Sent
	arrived, silent := 0, false
	for i := range open {
		one := open[i]
		if id := accepted[one.Event]; id != "" {
			arrived++
			changed = append(changed, recovered(one, id))
		} else if !w.now().Before(one.DueAt) {
			silent = silent || one.AskedAt.After(w.pos.ArrivedAt)
			changed = append(changed, w.overdue(one))
		}
	}
	if len(changed) == 0 {
		return false, nil
	}
	w.pace(arrived > 0, silent)
	for i := range changed {
		if changed[i].State != store.SentMissing { // that one is published again
			delete(w.carried, changed[i].Event)
		}
	}
	return true, w.save(ctx, changed, w.audit("gap-recovered", arrived)...)
}

// recovered is an event that was accepted, and so is settled.
func recovered(one store.Sent, id string) store.Sent {
	switch {
	case one.ID == id:
		one.State = store.SentFetched
	case one.Tries == 0 || one.ID != "": // the provider's own request came
		one.State = store.SentAccepted
	default:
		one.State = store.SentRedelivered
	}
	one.ID, one.Reason = id, ""
	return one
}

// overdue is an event that was not accepted although something was done for it.
func (w *worker) overdue(one store.Sent) store.Sent {
	if one.State == store.SentPublished {
		one.State, one.Reason, one.DueAt = store.SentLost, reasonRefused, w.now().Add(lostAgain)
		return one
	}
	if one.State == store.SentPublishing { // the worker died before it was tried, or just then
		one.Tries--
	}
	one.State, one.DueAt = store.SentMissing, w.now()
	return one
}

// pace decides how many redeliveries are asked for in one go: more while they arrive, few when
// none has since one was asked for, as while no gateway can be reached.
func (w *worker) pace(arrived, silent bool) {
	switch {
	case arrived:
		w.pos.Asks, w.pos.ArrivedAt = min(2*w.pos.Asks, mostAsks), w.now()
	case silent:
		w.pos.Asks = fewAsks
	}
}

// ripen sees which of the events that waited were accepted. The others are missing.
func (w *worker) ripen(ctx context.Context) (bool, error) {
	due, err := w.Store.SentDue(ctx, w.account.Name, w.now(), settleMost, store.SentWaiting)
	if err != nil || len(due) == 0 {
		return false, err
	}
	accepted, err := w.accepted(ctx, due)
	if err != nil {
		return false, err
	}
	for i := range due {
		one := &due[i]
		one.State, one.DueAt = store.SentMissing, w.now()
		if one.ID = accepted[one.Event]; one.ID != "" {
			one.State = store.SentAccepted
			delete(w.carried, one.Event)
		}
	}
	return true, w.save(ctx, due)
}

// recheck looks whether lost events were accepted after all, and missing ones that nothing else
// looks at.
func (w *worker) recheck(ctx context.Context) (bool, error) {
	states := []store.SentState{store.SentLost}
	if !w.account.Recover && w.recovery == nil {
		states = append(states, store.SentMissing)
	}
	due, err := w.Store.SentDue(ctx, w.account.Name, w.now(), settleMost, states...)
	if err != nil || len(due) == 0 {
		return false, err
	}
	accepted, err := w.accepted(ctx, due)
	if err != nil {
		return false, err
	}
	var changed, later []store.Sent
	for i := range due {
		switch one := due[i]; {
		case accepted[one.Event] != "":
			changed = append(changed, recovered(one, accepted[one.Event]))
		case one.State == store.SentLost:
			one.DueAt = w.now().Add(lostAgain)
			later = append(later, one)
		default:
			one.DueAt = w.now().Add(time.Duration(w.account.Interval))
			later = append(later, one)
		}
	}
	return true, w.saveAll(ctx, changed, later)
}

// arrived stores which of some events were accepted meanwhile, and reports whether any was.
func (w *worker) arrived(ctx context.Context, some []store.Sent) (bool, error) {
	accepted, err := w.accepted(ctx, some)
	if err != nil || len(accepted) == 0 {
		return false, err
	}
	var changed []store.Sent
	for i := range some {
		if id := accepted[some[i].Event]; id != "" {
			changed = append(changed, recovered(some[i], id))
			delete(w.carried, some[i].Event)
		}
	}
	return true, w.save(ctx, changed)
}

// accepted returns, by the provider's ids, those of the events that were accepted.
func (w *worker) accepted(ctx context.Context, all []store.Sent) (map[string]string, error) {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].Event
	}
	return w.Store.AcceptedBy(ctx, w.account.Source, ids)
}

// audit is the entry of something that was done for n events.
func (w *worker) audit(action string, n int) []store.Audit {
	if n == 0 {
		return nil
	}
	by := "penstock"
	if w.recovery != nil {
		by = w.recovery.By
	}
	return []store.Audit{{At: w.now(), By: by, Action: action, Target: w.account.Name, Detail: "source " + w.account.Source, Count: int64(n)}}
}
