package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// choices are the states that each choice of a list stands for.
var choices = map[IncidentChoice][]incident.State{
	"":                 {incident.Open, incident.Acknowledged},
	ChooseUnresolved:   {incident.Open, incident.Acknowledged},
	ChooseOpen:         {incident.Open},
	ChooseAcknowledged: {incident.Acknowledged},
	ChooseResolved:     {incident.Resolved},
	ChooseAll:          nil,
}

// ListIncidents answers GET /incidents.
func (s *Server) ListIncidents(c echo.Context, p ListIncidentsParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	states, known := choices[value(p.State)]
	if !known {
		return invalid("state: not one of unresolved, open, acknowledged, resolved, all")
	}
	if p.Kind != nil && !incident.Kind(*p.Kind).Known() {
		return invalid("kind: it is not one of the kinds of incidents")
	}
	page, err := s.Incidents(c.Request().Context(), store.IncidentQuery{
		States: states, Kind: incident.Kind(value(p.Kind)), Route: value(p.Route), Source: value(p.Source), After: value(p.Cursor), Limit: limit,
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, page)
}

// Incidents returns a page of incidents. The cursor is the id of the last one of the page
// before.
func (s *Server) Incidents(ctx context.Context, q store.IncidentQuery) (IncidentPage, error) {
	limit := q.Limit
	q.Limit = min(limit+1, store.MaxLimit)
	found, err := s.options.Store.Incidents(ctx, q)
	if err != nil {
		return IncidentPage{}, err
	}
	page := IncidentPage{Incidents: make([]Incident, 0, len(found))}
	for i := range found[:min(limit, len(found))] {
		page.Incidents = append(page.Incidents, incidentOf(&found[i], time.Now()))
	}
	if len(found) > limit || limit == store.MaxLimit && len(found) == limit {
		page.Next = &found[limit-1].ID
	}
	return page, nil
}

// GetIncident answers GET /incidents/{id}.
func (s *Server) GetIncident(c echo.Context, id IdParameter) error {
	detail, err := s.Incident(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, detail)
}

// Incident returns one incident with its history.
func (s *Server) Incident(ctx context.Context, id string) (IncidentDetail, error) {
	i, changes, err := s.options.Store.Incident(ctx, id)
	if err != nil {
		return IncidentDetail{}, err
	}
	detail := IncidentDetail{Incident: incidentOf(i, time.Now()), History: make([]IncidentChange, 0, len(changes))}
	for _, one := range changes {
		detail.History = append(detail.History, IncidentChange{
			At: one.At, Change: IncidentChangeChange(one.Change), By: given(one.By), Note: given(one.Note),
		})
	}
	return detail, nil
}

func incidentOf(i *store.Incident, now time.Time) Incident {
	out := Incident{
		Id: i.ID, Kind: IncidentKind(i.Kind), Severity: Severity(i.Kind.Severity()), State: IncidentState(i.State), Title: i.Title(), Cause: i.Cause(),
		Route: given(i.Route), Source: given(i.Source), Reason: given(i.Reason), HttpStatus: given(i.Status), Shape: given(i.Shape), Answer: given(i.Answer),
		Detail: given(i.Detail), Muted: i.MutedAt(now), MutedUntil: at(i.MutedUntil), Failures: i.Failures, Events: i.Events, Waiting: i.Waiting, Dead: i.Dead,
		FirstAt: i.FirstAt, LastAt: i.LastAt, OpenedAt: i.OpenedAt, ResolvedAt: at(i.ResolvedAt), By: given(i.By), Samples: i.Samples,
	}
	if !out.Muted {
		out.MutedUntil = nil
	}
	return out
}
