package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/worker/internal/store"
)

// wants reports whether the job is about a dead letter of the route.
func (w *work) wants(ctx context.Context, d *amqpx.Delivery, route string) (bool, error) {
	m, f := d.Message, &w.job.Filter
	if m.Text(event.HeaderReplay) == w.job.ID {
		return false, nil // this job's own doing
	}
	e := &store.Event{
		ID: m.ID, Source: m.Text(event.HeaderSource), Type: m.Type,
		ProviderID: m.Text(event.HeaderProviderID), ReceivedAt: receivedAt(m),
	}
	if !f.Event(e) {
		return false, nil
	}
	dead := &store.Delivery{Route: route, State: store.Dead, Fact: store.Fact{
		Reason: reasonOf(d), HTTPStatus: int(m.Int(event.HeaderStatus)), Error: m.Text(event.HeaderError),
	}}
	if f.Incident == "" && (f.Delivery(dead) || w.job.To == "") {
		return f.Delivery(dead), nil
	}
	known, err := w.Store.Event(ctx, m.ID) // only the store knows its incident; and another delivery may be the one that the filter means
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if w.job.To == "" {
		return slices.ContainsFunc(known.Deliveries, func(d store.Delivery) bool { return d.Route == route && f.Delivery(&d) }), nil
	}
	return f.IsZero() || slices.ContainsFunc(known.Deliveries, func(d store.Delivery) bool { return f.Delivery(&d) }), nil
}

// reasonOf tells why a route gave up. The broker does so without a word.
func reasonOf(d *amqpx.Delivery) fault.Reason {
	if reason := d.Message.Text(event.HeaderReason); reason != "" {
		return fault.Reason(reason)
	}
	if d.Death != "" {
		return fault.ReasonDeliveryLimit
	}
	return fault.ReasonNone
}

// targets returns the routes that the job brings an event to from the archive, and
// whether there is none because no route takes it.
//
// Dead letters are the sweep's. What is in flight is on its way already: it is replayed
// only when the filter asks for it by its state or by the event's id.
func (w *work) targets(e *store.Event) (routes []string, nowhere bool) {
	f, cfg := &w.job.Filter, w.Config()
	asked := f.State != "" || len(f.IDs) > 0
	wanted := w.candidates(e)
	known := 0
	for _, route := range wanted {
		if cfg.Routes[route] == nil {
			continue
		}
		known++
		at := slices.IndexFunc(e.Deliveries, func(d store.Delivery) bool { return d.Route == route })
		if at >= 0 {
			if state := e.Deliveries[at].State; state == store.Dead || !asked && !state.Final() {
				continue
			}
		}
		routes = append(routes, route)
	}
	return routes, known == 0
}

// candidates returns the routes that the filter is about.
func (w *work) candidates(e *store.Event) []string {
	f := &w.job.Filter
	if w.job.To != "" {
		return []string{w.job.To}
	}
	var routes []string
	for i := range e.Deliveries {
		if f.Delivery(&e.Deliveries[i]) {
			routes = append(routes, e.Deliveries[i].Route)
		}
	}
	if ofDelivery := f.Route+f.Incident != "" || f.Reason+f.Error != "" || f.HTTPStatus != 0 || f.State != "" && f.State != store.Unrouted; ofDelivery {
		return routes
	}
	for _, route := range w.matching(e.Source, e.Type) {
		if !slices.Contains(routes, route) {
			routes = append(routes, route)
		}
	}
	return routes
}

// matching returns the routes of the configuration that take such an event.
func (w *work) matching(source, typ string) []string {
	c := w.Config()
	if w.routes == nil || w.routed != c {
		w.routes, w.routed = routing.For(c), c
	}
	return w.routes.Match(source, typ)
}

// check finds out whether the job can be worked on at all.
func (w *work) check(context.Context) error {
	if w.job.Kind == store.RetryNow && !w.Archive {
		return because(store.NoArchive, errors.New("without an archive, nothing can be retried now"))
	}
	if to := w.job.To; to != "" && w.Config().Routes[to] == nil {
		return because(store.UnknownRoute, fmt.Errorf("there is no route %q in the configuration", to))
	}
	return nil
}
