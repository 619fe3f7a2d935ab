package api

import (
	"time"

	"github.com/penstock/penstock/worker/internal/store"
)

func pageOf(p store.Page) EventPage {
	page := EventPage{Events: make([]Event, len(p.Events)), Next: given(p.Next.String())}
	for i := range p.Events {
		page.Events[i] = eventOf(&p.Events[i])
	}
	return page
}

func eventOf(e *store.Event) Event {
	out := Event{
		Id: e.ID, Source: e.Source, Type: e.Type, ProviderId: given(e.ProviderID), ReceivedAt: e.ReceivedAt,
		Size: e.Size, Archived: e.Offset != store.NoOffset, Deliveries: make([]Delivery, len(e.Deliveries)),
	}
	for i := range e.Deliveries {
		d := &e.Deliveries[i]
		out.Deliveries[i] = Delivery{
			Route: d.Route, State: State(d.State), Since: d.At, Attempts: d.Attempt, Reason: given(string(d.Reason)),
			LastReason: given(string(d.LastReason)), HttpStatus: given(d.HTTPStatus), NextAttemptAt: at(d.NextAt),
		}
	}
	return out
}

func factOf(p *store.Past) Fact {
	return Fact{
		Route: p.Route, Kind: string(p.Kind), At: p.At, Attempt: given(p.Attempt), Reason: given(string(p.Reason)),
		LastReason: given(string(p.LastReason)), HttpStatus: given(p.HTTPStatus), TookMs: given(p.Took.Milliseconds()),
		NextAttemptAt: at(p.NextAt), Replay: given(p.Replay), By: given(p.By),
	}
}

// given returns nothing for a zero value, which is then left out.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// value returns the zero value for nothing.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
