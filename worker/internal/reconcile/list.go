package reconcile

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// answeredWait is how old an event is before it counts as missing of which the provider says
// that it was answered 2xx. It may wait in a gateway's spool.
const answeredWait = time.Hour

// beforeFirst is how long before the first accepted event the comparison begins: the provider sent
// that one a moment earlier.
const beforeFirst = time.Minute

// beforeStart is how much of the store's age is left out when an account begins: what is older
// may be deleted already.
const beforeStart = time.Hour

// begin decides from when on an account is compared: not from before the store knows what was
// accepted.
func (w *worker) begin(ctx context.Context) (bool, error) {
	if !w.row.Since.IsZero() {
		return false, nil
	}
	first, err := w.Store.FirstAccepted(ctx, w.account.Source)
	if err != nil {
		return false, err
	}
	if first.IsZero() {
		return false, w.blame(ctx, troubleEmpty)
	}
	w.row.Since = first.Add(-beforeFirst)
	w.absolve()
	return true, w.save(ctx, nil)
}

// earliest returns from when on what was sent can be judged, by the provider's clock.
func (w *worker) earliest(ctx context.Context) (time.Time, error) {
	at := w.now().Add(w.pos.Skew - w.account.LookBack())
	if w.Retention > 0 {
		at = later(at, w.now().Add(beforeStart-w.Retention))
	}
	gap, err := w.Store.LastGap(ctx, topology.Archive)
	return later(later(at, w.row.Since.Add(w.pos.Skew)), gap), err
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// list reads a page of what the provider says it sent, when it is time for that.
func (w *worker) list(ctx context.Context) (bool, error) {
	if w.row.Since.IsZero() || w.pos.Until.IsZero() && w.now().Before(w.pos.NextAt) {
		return false, nil
	}
	if err := w.beginList(ctx); err != nil {
		return false, err
	}
	page, err := w.api.List(ctx, adapter.Range{From: w.pos.From, To: w.pos.Until, Cursor: w.pos.Cursor})
	if err != nil {
		return false, err
	}
	w.absolve()
	w.row.AskedAt = w.now()
	if !page.Now.IsZero() {
		w.pos.Skew = page.Now.Sub(w.now()).Round(time.Second)
	}
	found, err := w.judge(ctx, w.inRange(page.Sent))
	if err != nil {
		return false, err
	}
	if w.pos.Cursor = page.Next; page.Next == "" {
		w.endList()
	}
	return true, w.save(ctx, found)
}

func (w *worker) endList() {
	if !w.pos.Relists {
		w.row.AsOf, w.pos.Listed = w.pos.Until, w.pos.Until
		w.pos.NextAt = w.now().Add(time.Duration(w.account.Interval))
	}
	w.pos.Until, w.pos.From, w.pos.Relists = time.Time{}, time.Time{}, false
}

// beginList decides what the next list is about.
func (w *worker) beginList(ctx context.Context) error {
	if !w.pos.Until.IsZero() {
		return nil
	}
	from, err := w.earliest(ctx)
	if err != nil {
		return err
	}
	if !w.pos.Listed.IsZero() {
		from = later(from, w.pos.Listed.Add(-w.facts.Overlap))
	}
	w.pos.From, w.pos.Cursor = from, ""
	w.pos.Until = w.now().Add(w.pos.Skew)
	if !w.facts.Scans { // otherwise what is too new is read too, and once is enough
		w.pos.Until = w.pos.Until.Add(-w.account.LateBy())
	}
	w.pos.Until = later(w.pos.Until, from)
	return nil
}

// inRange returns the events that are wanted by their time and type, each once.
func (w *worker) inRange(all []adapter.Sent) map[string]adapter.Sent {
	wanted := map[string]adapter.Sent{}
	for _, one := range all {
		one.ID = event.BoundID(one.ID, nil)
		if one.At.Before(w.pos.From) || !one.At.Before(w.pos.Until) || len(w.types.Match(w.account.Source, one.Type)) == 0 {
			continue
		}
		if other, there := wanted[one.ID]; there { // attempts of one event
			one.Answered = one.Answered || other.Answered
		}
		wanted[one.ID] = one
	}
	return wanted
}

// judge returns the events that are new, as what they are.
func (w *worker) judge(ctx context.Context, all map[string]adapter.Sent) ([]store.Sent, error) {
	ids := make([]string, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	known, err := w.Store.SentNamed(ctx, w.account.Name, ids)
	if err != nil {
		return nil, err
	}
	accepted, err := w.Store.AcceptedBy(ctx, w.account.Source, ids)
	if err != nil {
		return nil, err
	}
	var found []store.Sent
	for id, one := range all {
		if s, is := known[id]; is {
			w.carry(&s, one.Delivery)
			continue
		}
		if w.pos.Relists { // it is about what is known
			continue
		}
		s := store.Sent{Event: id, Ref: one.Ref, Type: one.Type, At: one.At, State: store.SentMissing, DueAt: w.now()}
		if s.ID = accepted[id]; s.ID != "" {
			s.State = store.SentAccepted
		} else if until := w.waitsUntil(&one); until.After(w.now()) {
			s.State, s.DueAt = store.SentWaiting, until
		}
		w.carry(&s, one.Delivery)
		found = append(found, s)
	}
	return found, nil
}

// waitsUntil returns until when an event may be accepted by itself, by our clock.
func (w *worker) waitsUntil(one *adapter.Sent) time.Time {
	wait := w.account.LateBy()
	if one.Answered {
		wait = max(wait, answeredWait)
	}
	return one.At.Add(wait - w.pos.Skew)
}
