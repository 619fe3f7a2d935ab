package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// ListEvents answers GET /events.
func (s *Server) ListEvents(c echo.Context, p ListEventsParams) error {
	q, err := newQuery(p.Source, p.Type, p.Route, p.State, p.Limit)
	if err != nil {
		return err
	}
	if q.After, err = store.ParseCursor(value(p.Cursor)); err != nil {
		return err
	}
	q.ProviderID, q.Reason, q.Incident, q.From, q.To = value(p.ProviderId), value(p.Reason), value(p.Incident), value(p.From), value(p.To)
	q.HTTPStatus, q.Error = value(p.HttpStatus), value(p.Error)
	page, err := s.options.Store.Events(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, pageOf(page))
}

// How far a count goes, and for how long.
const (
	maxCount  = 10_000
	countTime = time.Second
)

// CountEvents answers GET /events/count.
func (s *Server) CountEvents(c echo.Context, p CountEventsParams) error {
	q, err := newQuery(p.Source, p.Type, p.Route, p.State, nil)
	if err != nil {
		return err
	}
	q.ProviderID, q.Reason, q.Incident, q.From, q.To = value(p.ProviderId), value(p.Reason), value(p.Incident), value(p.From), value(p.To)
	q.HTTPStatus, q.Error = value(p.HttpStatus), value(p.Error)
	n, complete, err := s.options.Store.Count(c.Request().Context(), q, maxCount, countTime)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, EventCount{Count: int64(n), Complete: complete})
}

// newQuery makes a query of the parameters that all lists have. It fails with what the
// caller has to mend.
func newQuery(source, typ, route *string, state *State, limit *int) (store.Query, error) {
	q := store.Query{Source: value(source), Type: value(typ), Route: value(route), State: store.State(value(state))}
	if state != nil && !q.State.Known() {
		return q, invalid(fmt.Sprintf("state: %q is not one of the states", *state))
	}
	var err error
	q.Limit, err = limitOf(limit)
	return q, err
}

// GetEvent answers GET /events/{id}.
func (s *Server) GetEvent(c echo.Context, id IdParameter) error {
	ctx := c.Request().Context()
	e, err := s.options.Store.Event(ctx, id)
	if err != nil {
		return err
	}
	past, err := s.options.Store.History(ctx, e)
	if err != nil {
		return err
	}
	detail := EventDetail{Event: eventOf(e), History: make([]Fact, len(past))}
	waiting, err := s.Waiting(ctx, e)
	if err != nil {
		return err
	}
	for i := range e.Deliveries {
		detail.Event.Deliveries[i].Waiting = waiting[e.Deliveries[i].Route]
	}
	for i := range past {
		detail.History[i] = factOf(&past[i])
	}
	if e.Repeats > 0 {
		detail.Repeats = &Repeats{Count: e.Repeats, LastAt: e.RepeatedAt}
	}
	return c.JSON(http.StatusOK, detail)
}
