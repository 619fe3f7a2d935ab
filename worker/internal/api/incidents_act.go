package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// longestMute bounds for how long an incident can be muted.
const longestMute = 366 * 24 * time.Hour

// AcknowledgeIncident answers POST /incidents/{id}/acknowledge.
func (s *Server) AcknowledgeIncident(c echo.Context, id IdParameter) error {
	return s.answerIncident(c, id, s.Acknowledge(c.Request().Context(), by(c), id))
}

// ResolveIncident answers POST /incidents/{id}/resolve.
func (s *Server) ResolveIncident(c echo.Context, id IdParameter) error {
	return s.answerIncident(c, id, s.Resolve(c.Request().Context(), by(c), id))
}

// MuteIncident answers POST /incidents/{id}/mute.
func (s *Server) MuteIncident(c echo.Context, id IdParameter) error {
	what, err := read[MuteRequest](c)
	if err != nil {
		return err
	}
	return s.answerIncident(c, id, s.Mute(c.Request().Context(), by(c), id, what.Until))
}

// answerIncident answers with the incident after something was done to it.
func (s *Server) answerIncident(c echo.Context, id string, done error) error {
	if done != nil {
		return done
	}
	detail, err := s.Incident(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, detail.Incident)
}

// Acknowledge notes that a person looks after an incident.
func (s *Server) Acknowledge(ctx context.Context, by, id string) error {
	return s.options.Store.AcknowledgeIncident(ctx, id, by, time.Now())
}

// Resolve ends an incident for a person.
func (s *Server) Resolve(ctx context.Context, by, id string) error {
	return s.options.Store.ResolveIncident(ctx, id, by, time.Now())
}

// Mute keeps an incident from being notified of until a time. One that has passed ends that.
func (s *Server) Mute(ctx context.Context, by, id string, until time.Time) error {
	if time.Until(until) > longestMute {
		return invalid("until: an incident is muted for a year at most")
	}
	return s.options.Store.MuteIncident(ctx, id, by, until, time.Now())
}

// ReplayIncident answers POST /incidents/{id}/replay.
func (s *Server) ReplayIncident(c echo.Context, id IdParameter) error { return s.work(c, id, Replay) }

// DiscardIncident answers POST /incidents/{id}/discard.
func (s *Server) DiscardIncident(c echo.Context, id IdParameter) error { return s.work(c, id, Discard) }

func (s *Server) work(c echo.Context, id string, kind JobKind) error {
	j, err := s.WorkOnIncident(c.Request().Context(), by(c), id, kind)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/jobs/"+j.Id)
	return c.JSON(http.StatusAccepted, j)
}

// WorkOnIncident makes a job that replays or discards exactly the dead letters of an incident.
func (s *Server) WorkOnIncident(ctx context.Context, by, id string, kind JobKind) (Job, error) {
	i, _, err := s.options.Store.Incident(ctx, id)
	if err != nil {
		return Job{}, err
	}
	if i.Dead == 0 {
		return Job{}, invalid("The incident has no dead letter.")
	}
	dead := Dead
	return s.MakeJob(ctx, by, JobRequest{Kind: kind, Filter: Filter{Incident: &id, Route: &i.Route, State: &dead}})
}
