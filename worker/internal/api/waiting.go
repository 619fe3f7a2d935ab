package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// heldFor is how long it is believed what a worker said of an event that it holds. It says so every
// ten seconds.
const heldFor = 30 * time.Second

// Waiting returns why each delivery of the event waits that is not finished, by its route.
func (s *Server) Waiting(ctx context.Context, e *store.Event) (map[string]*Waits, error) {
	open := slices.DeleteFunc(slices.Clone(e.Deliveries), func(d store.Delivery) bool {
		return d.State != store.Pending && d.State != store.Retrying
	})
	if len(open) == 0 {
		return nil, nil //nolint:nilnil // nothing waits
	}
	w := waits{now: time.Now(), destinations: map[string]*Destination{}}
	destinations, err := s.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	for i := range destinations {
		w.destinations[destinations[i].Name] = &destinations[i]
	}
	if w.pauses, err = s.options.Store.Pauses(ctx); err != nil {
		return nil, err
	}
	all := map[string]*Waits{}
	for i := range open {
		all[open[i].Route] = s.explainWait(ctx, &w, &open[i])
	}
	return all, nil
}

// waits is what waiting is explained by.
type waits struct {
	now          time.Time
	destinations map[string]*Destination
	pauses       store.Pauses
}

// explainWait goes from what an operator did, over what stops the route, to what is of this event alone.
func (s *Server) explainWait(ctx context.Context, w *waits, d *store.Delivery) *Waits {
	route := s.options.Config().Routes[d.Route]
	if route == nil {
		return &Waits{Why: WaitReasonNoRoute, Text: "the configuration does not have the route any more"}
	}
	if p := w.pauses.Routes[d.Route]; p.Paused {
		return &Waits{Why: WaitReasonRoutePaused, Text: "the route is paused" + byOperator(p.By), Since: at(p.At), By: given(p.By)}
	}
	if p := w.pauses.Destinations[route.To]; p.Paused {
		return &Waits{Why: WaitReasonDestinationPaused, Text: "the destination " + route.To + " is paused" + byOperator(p.By), Since: at(p.At), By: given(p.By)}
	}
	ready, known := s.queueOf(ctx, d.Route)
	if known && ready.Consumers == 0 {
		return &Waits{Why: WaitReasonNoDeliverer, Text: "no deliverer consumes the queue of the route"}
	}
	for _, why := range []*Waits{w.ofDestination(w.destinations[route.To]), w.ofBackoff(d), w.ofHold(d)} {
		if why != nil && (why.Until == nil || !why.Until.Before(value(at(d.NextAt)))) {
			return why
		}
	}
	if known && ready.Ready > 0 {
		return &Waits{Why: WaitReasonQueue, Text: fmt.Sprintf("it waits for its turn; %d events wait in the queue of the route", ready.Ready)}
	}
	return &Waits{Why: WaitReasonQueue, Text: "it waits for its turn"}
}

func byOperator(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

// ofDestination says whether no deliverer lets the destination have anything.
func (w *waits) ofDestination(d *Destination) *Waits {
	if d == nil || len(d.Deliverers) == 0 {
		return nil
	}
	var since, until time.Time
	for _, one := range d.Deliverers {
		rests := value(one.RestingUntil)
		if one.Breaker == Closed && !rests.After(w.now) {
			return nil
		}
		since, until = earlier(since, value(one.BreakerSince)), earlier(until, rests)
	}
	if d.Breaker != nil && *d.Breaker != Closed {
		return &Waits{Why: WaitReasonBreakerOpen, Text: "the breaker of the destination " + d.Name + " is open, because most attempts failed", Since: at(since), Until: at(until)}
	}
	return &Waits{Why: WaitReasonDestinationRests, Text: "the destination " + d.Name + " asked to be left alone", Until: at(until)}
}

// earlier returns the earlier one of those that are not zero.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// ofBackoff says whether the next attempt is not due yet.
func (w *waits) ofBackoff(d *store.Delivery) *Waits {
	switch {
	case !d.NextAt.After(w.now):
		return nil
	case d.Kind == status.Postponed && d.Error == "" && d.Attempt == 0:
		return &Waits{Why: WaitReasonDelay, Text: "the route delays the first attempt, or the destination fails and gets no more attempts for now", Since: at(d.At), Until: at(d.NextAt)}
	case d.Kind == status.Postponed:
		return &Waits{Why: WaitReasonDelay, Text: "it was put off untried, because the destination fails", Since: at(d.At), Until: at(d.NextAt)}
	default:
		return &Waits{Why: WaitReasonBackoff, Text: fmt.Sprintf("attempt %d failed, and the next one is not due yet", d.Attempt), Since: at(d.At), Until: at(d.NextAt)}
	}
}

// ofHold says what a worker said lately.
func (w *waits) ofHold(d *store.Delivery) *Waits {
	switch why := strings.TrimPrefix(d.Held.Why, consume.ErrHandBack.Error()+": "); {
	case w.now.Sub(d.Held.At) > heldFor:
		return nil
	case why == "":
		return &Waits{Why: WaitReasonAttempt, Text: "a deliverer has it, and makes an attempt or is about to"}
	default:
		return &Waits{Why: WaitReasonHeld, Text: why, Since: at(d.Held.At)}
	}
}

// queueOf asks the broker about the queue of a route.
func (s *Server) queueOf(ctx context.Context, route string) (q amqpx.QueueState, known bool) {
	ctx, cancel := context.WithTimeout(ctx, inspectTime)
	defer cancel()
	q, err := s.options.Broker.Inspect(ctx, topology.RouteQueue(route))
	return q, err == nil
}
