package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/nearest"
	"github.com/penstock/penstock/worker/internal/store"
)

// ListDeadLetters answers GET /dead-letters: the events of the list that have one, and of
// each those that are meant.
func (s *Server) ListDeadLetters(c echo.Context, p ListDeadLettersParams) error {
	dead := Dead
	q, err := newQuery(p.Source, p.Type, p.Route, &dead, p.Limit)
	if err != nil {
		return err
	}
	if q.After, err = store.ParseCursor(value(p.Cursor)); err != nil {
		return err
	}
	q.ProviderID, q.Reason, q.Incident, q.From, q.To = value(p.ProviderId), value(p.Reason), value(p.Incident), value(p.From), value(p.To)
	q.HTTPStatus, q.Error = value(p.HttpStatus), value(p.Error)
	if err := s.knownRoute(c, q.Route); err != nil {
		return err
	}
	page, err := s.options.Store.Events(c.Request().Context(), q)
	if err != nil {
		return err
	}
	meant := store.Filter{Route: q.Route, State: store.Dead, Reason: q.Reason, HTTPStatus: q.HTTPStatus, Error: q.Error, Incident: q.Incident}
	out := DeadLetterPage{DeadLetters: []DeadLetter{}, Next: given(page.Next.String())}
	for i := range page.Events {
		e := &page.Events[i]
		for j := range e.Deliveries {
			if d := &e.Deliveries[j]; meant.Delivery(d) {
				out.DeadLetters = append(out.DeadLetters, deadLetterOf(e, d))
			}
		}
	}
	return c.JSON(http.StatusOK, out)
}

// knownRoute refuses a route that neither the configuration nor the store knows: misspelt, it would seem
// to have no dead letters. No route is any of them.
func (s *Server) knownRoute(c echo.Context, route string) error {
	if route == "" || s.options.Config().Routes[route] != nil {
		return nil
	}
	tallies, _, err := s.options.Store.Tallies(c.Request().Context())
	if err != nil || slices.ContainsFunc(tallies, func(t store.Tally) bool { return t.Route == route }) {
		return err
	}
	known := slices.Sorted(maps.Keys(s.options.Config().Routes))
	return invalid(fmt.Sprintf("route: there is no route %q%s", route, nearest.DidYouMean(route, known)))
}

func deadLetterOf(e *store.Event, d *store.Delivery) DeadLetter {
	return DeadLetter{
		Event: e.ID, Source: e.Source, Type: e.Type, ProviderId: given(e.ProviderID), Route: d.Route, ReceivedAt: e.ReceivedAt,
		Since: d.At, Attempts: d.Attempt, Reason: given(string(d.Reason)), LastReason: given(string(d.LastReason)),
		HttpStatus: given(d.HTTPStatus), Error: given(d.Error), Size: e.Size,
	}
}
