package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// How often a redelivery of one event is asked for, and how often it is fetched.
const (
	mostTries   = 3
	mostFetches = 3
)

// paceSlack is how much longer than a provider's pace a worker waits.
const paceSlack = 2 * time.Second

// How many events are brought back in one step, and from how many they are chosen.
const (
	publishMost = 100
	chooseFrom  = 100
)

// way is how an event is brought back.
type way int

const (
	byAsking way = iota
	byFetching
	byNothing
)

// recovers reports whether an event is to be brought back: the account does that, or a person
// asked for it.
func (w *worker) recovers(s *store.Sent) bool {
	return w.account.Recover || w.recovery != nil && s.At.Before(w.recovery.At.Add(w.pos.Skew))
}

// wayFor returns the next way to try for an event.
func (w *worker) wayFor(s *store.Sent) way {
	asks := 0
	if w.account.Redeliver && w.facts.Redelivers && !w.pends(s) {
		asks = mostTries
	}
	switch {
	case s.Tries < asks && !w.pos.NoAsk:
		return byAsking
	case w.facts.Fetches && s.Tries < asks+mostFetches:
		return byFetching
	default:
		return byNothing
	}
}

// pends reports whether the provider still tries to deliver an event, and so takes no request to
// do it again.
func (w *worker) pends(s *store.Sent) bool {
	return w.facts.Pends && w.now().Add(w.pos.Skew).Sub(s.At) < w.facts.Retries
}

// dueBy returns by when an event has to be due to be looked at. What a person asked for is not
// put off.
func (w *worker) dueBy() time.Time {
	if w.recovery != nil {
		return far
	}
	return w.now()
}

// waits reports whether an event waits for a reason of its own.
func (w *worker) waits(s *store.Sent) bool {
	return s.DueAt.After(w.now()) && s.Tries > 0
}

// recoverSome brings a few missing events back, all in the same way.
func (w *worker) recoverSome(ctx context.Context) (bool, error) {
	way, some, err := w.choose(ctx)
	if err != nil || len(some) == 0 {
		return false, err
	}
	if arrived, err := w.arrived(ctx, some); arrived || err != nil {
		return true, err
	}
	switch way {
	case byAsking:
		return w.ask(ctx, some)
	case byFetching:
		return true, w.publish(ctx, some)
	default:
		return true, w.lose(ctx, some, reasonNoMeans)
	}
}

// choose returns a few missing events, and the way in which they are brought back. Those come
// first that are at hand.
func (w *worker) choose(ctx context.Context) (way, []store.Sent, error) {
	carried, err := w.inHand(ctx)
	if err != nil {
		return byNothing, nil, err
	}
	gap, err := w.Store.LastGap(ctx, topology.Archive)
	if err != nil {
		return byNothing, nil, err
	}
	if some := w.sort(carried, gap)[byFetching]; len(some) > 0 {
		return byFetching, some[:min(len(some), publishMost)], nil
	}
	due, err := w.Store.SentDue(ctx, w.account.Name, w.dueBy(), chooseFrom, store.SentMissing)
	if err != nil {
		return byNothing, nil, err
	}
	ways := w.sort(due, gap)
	ways[byFetching], err = w.byOne(ctx, ways[byFetching])
	for _, way := range []way{byNothing, byFetching, byAsking} {
		if some := ways[way]; len(some) > 0 {
			return way, some[:min(len(some), publishMost)], err
		}
	}
	return byNothing, nil, err
}

// sort returns the missing events whose time has come, by the way in which each is brought back.
func (w *worker) sort(missing []store.Sent, gap time.Time) map[way][]store.Sent {
	ways := map[way][]store.Sent{}
	for i := range missing {
		if one := &missing[i]; w.recovers(one) && !w.waits(one) && !one.At.Before(gap) {
			ways[w.wayFor(one)] = append(ways[w.wayFor(one)], *one)
		}
	}
	return ways
}

// ask asks the provider to deliver events again. They are noted as asked for before, so that
// none is asked for twice when the worker dies in between. One that was not asked for then
// waits as long as one that does not arrive. While others are on their way nothing is asked for
// but what fits the pace.
func (w *worker) ask(ctx context.Context, some []store.Sent) (bool, error) {
	room, err := w.room(ctx)
	if err != nil || room <= 0 {
		return false, err
	}
	some = some[:min(len(some), room)]
	w.pos.Paced += len(some)
	before := append([]store.Sent(nil), some...)
	for i := range some {
		some[i].State, some[i].AskedAt, some[i].DueAt, some[i].Reason = store.SentAsked, w.now(), w.now().Add(w.facts.Arrive), ""
		some[i].Tries++
	}
	if err := w.save(ctx, some, w.audit("gap-asked", len(some))...); err != nil {
		return false, err
	}
	var changed []store.Sent
	for i := range some {
		err = w.api.Redeliver(ctx, adapter.Sent{ID: some[i].Event, Ref: some[i].Ref})
		switch trouble := adapter.TroubleOf(err); {
		case err == nil:
			continue
		case ctx.Err() != nil:
			return false, err // what is noted holds
		case trouble == adapter.Gone:
			one := before[i]
			one.Tries = mostTries // asking leads nowhere
			changed = append(changed, one)
			continue
		case trouble == adapter.Forbidden:
			w.pos.NoAsk = true
			changed = append(changed, before[i:]...)
		case trouble == adapter.Unreachable: // it may have been asked all the same
			changed = append(changed, before[i+1:]...)
		default:
			changed = append(changed, before[i:]...)
		}
		break
	}
	if adapter.TroubleOf(err) == adapter.Gone || adapter.TroubleOf(err) == adapter.Forbidden {
		err = nil
	}
	if len(changed) > 0 {
		err = errors.Join(err, w.saveAll(ctx, nil, changed))
	}
	return true, err
}

// room returns how many more redeliveries may be asked for now. What was asked for before the
// last arrival does not count: it is late for a reason of its own.
func (w *worker) room(ctx context.Context) (int, error) {
	waiting, err := w.Store.SentDue(ctx, w.account.Name, far, settleMost, store.SentAsked)
	room := w.pos.Asks
	for i := range waiting {
		if waiting[i].AskedAt.After(w.pos.ArrivedAt) {
			room--
		}
	}
	return min(room, w.paced()), err
}

// paced returns how many redeliveries the provider takes now. Its clock may be a little behind.
func (w *worker) paced() int {
	pace := w.facts.Asks
	if pace.Most == 0 {
		return mostAsks
	}
	if w.now().Sub(w.pos.PacedAt) >= pace.In+paceSlack {
		w.pos.PacedAt, w.pos.Paced = w.now(), 0
	}
	return pace.Most - w.pos.Paced
}

// lose names events as lost.
func (w *worker) lose(ctx context.Context, some []store.Sent, reason string) error {
	for i := range some {
		some[i].State, some[i].Reason, some[i].DueAt = store.SentLost, reason, w.now().Add(lostAgain)
	}
	return w.save(ctx, some, w.audit("gap-lost", len(some))...)
}

// endRecovery ends what a person asked for, when nothing of it is left.
func (w *worker) endRecovery(ctx context.Context) error {
	if w.recovery == nil || w.row.Trouble != "" || w.now().Before(w.recovery.At.Add(time.Second)) {
		return nil
	}
	left, err := w.Store.SentDue(ctx, w.account.Name, far, settleMost, store.SentMissing, store.SentAsked, store.SentPublishing)
	if err != nil {
		return err
	}
	for i := range left {
		if w.recovers(&left[i]) {
			return nil
		}
	}
	return w.Store.EndRecovery(ctx, *w.recovery)
}
