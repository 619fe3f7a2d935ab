package reconcile

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// When what is missing is listed again to fetch it: not for a few events, and not all the time
// for those that the list does not have any more.
const (
	fewFetches  = 3
	relistEvery = time.Hour
)

// carry keeps what the list has of an event that is going to be published.
func (w *worker) carry(s *store.Sent, d *adapter.Delivery) {
	if d != nil && (s.State == store.SentMissing || s.State == store.SentWaiting) && w.recovers(s) && w.wayFor(s) == byFetching {
		w.carried[s.Event] = *d
	}
}

// inHand returns the missing events that the list has shown, and drops those that are not
// missing any more.
func (w *worker) inHand(ctx context.Context) ([]store.Sent, error) {
	if len(w.carried) == 0 {
		return nil, nil
	}
	known, err := w.Store.SentNamed(ctx, w.account.Name, slices.Sorted(maps.Keys(w.carried)))
	var missing []store.Sent
	for id := range w.carried {
		if one := known[id]; one.State == store.SentMissing {
			missing = append(missing, one)
		} else if err == nil && !one.State.Open() {
			delete(w.carried, id)
		}
	}
	return missing, err
}

// byOne returns those of the events to fetch that are asked for one by one. Where the list has
// whole events, many are fetched by listing them again instead.
func (w *worker) byOne(ctx context.Context, some []store.Sent) ([]store.Sent, error) {
	switch {
	case !w.facts.Carries || len(some) == 0:
		return some, nil
	case w.pos.Relists:
		return nil, nil
	case len(some) > fewFetches && w.now().Sub(w.pos.RelistAt) >= relistEvery:
		return nil, w.relist(ctx)
	default:
		return some[:min(len(some), fewFetches)], nil
	}
}

// relist has the next list be about all that is missing. One that is in work begins again after it.
func (w *worker) relist(ctx context.Context) error {
	gap, err := w.Store.SentGap(ctx, w.account.Name, far)
	if err != nil {
		return err
	}
	w.pos.Relists, w.pos.RelistAt = true, w.now()
	w.pos.From, w.pos.Until, w.pos.Cursor = gap.First, w.now().Add(w.pos.Skew), ""
	return nil
}

// fetch returns a missing event. What is older than all that the provider lists is gone.
func (w *worker) fetch(ctx context.Context, one *store.Sent) (adapter.Delivery, error) {
	if d, there := w.carried[one.Event]; there {
		return d, nil
	}
	if age := w.now().Add(w.pos.Skew).Sub(one.At); w.facts.Carries && age > w.facts.Window {
		return adapter.Delivery{}, &adapter.Error{Trouble: adapter.Gone}
	}
	return w.api.Fetch(ctx, adapter.Sent{ID: one.Event, Ref: one.Ref, At: one.At})
}
