package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// The rates of a job, in deliveries a second.
const (
	defaultRate = 100
	maxRate     = 10_000
)

// CreateJob answers POST /jobs.
func (s *Server) CreateJob(c echo.Context) error {
	what, err := read[JobRequest](c)
	if err != nil {
		return err
	}
	return s.start(c, what)
}

// ReplayEvent answers POST /events/{id}/replay.
func (s *Server) ReplayEvent(c echo.Context, id IdParameter) error {
	what, err := read[ReplayEventRequest](c)
	if err != nil {
		return err
	}
	return s.makeForEvent(c, id, JobRequest{Kind: Replay, To: what.Route, Filter: Filter{Ids: &[]string{id}}})
}

// DiscardEvent answers POST /events/{id}/discard.
func (s *Server) DiscardEvent(c echo.Context, id IdParameter) error {
	what, err := read[DiscardEventRequest](c)
	if err != nil {
		return err
	}
	return s.makeForEvent(c, id, JobRequest{Kind: Discard, Filter: Filter{Ids: &[]string{id}, Route: what.Route}})
}

// CancelEvent answers POST /events/{id}/cancel.
func (s *Server) CancelEvent(c echo.Context, id IdParameter) error {
	return s.makeForWaiting(c, id, Cancel)
}

// RetryEventNow answers POST /events/{id}/retry-now.
func (s *Server) RetryEventNow(c echo.Context, id IdParameter) error {
	return s.makeForWaiting(c, id, RetryNow)
}

func (s *Server) makeForWaiting(c echo.Context, id string, kind JobKind) error {
	what, err := read[WaitingEventRequest](c)
	if err != nil {
		return err
	}
	return s.makeForEvent(c, id, JobRequest{Kind: kind, Filter: Filter{Ids: &[]string{id}, Route: what.Route}})
}

// makeForEvent makes a job for an event, which must be there.
func (s *Server) makeForEvent(c echo.Context, id string, what JobRequest) error {
	if _, err := s.options.Store.Event(c.Request().Context(), id); err != nil {
		return err
	}
	return s.start(c, what)
}

func (s *Server) start(c echo.Context, what JobRequest) error {
	j, err := s.MakeJob(c.Request().Context(), by(c), what)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/jobs/"+j.Id)
	return c.JSON(http.StatusAccepted, j)
}

// MakeJob makes a job for somebody. The active tracker works on it.
func (s *Server) MakeJob(ctx context.Context, by string, what JobRequest) (Job, error) {
	j, err := s.jobFor(by, &what)
	if err != nil {
		return Job{}, err
	}
	detail, err := json.Marshal(what)
	if err != nil {
		return Job{}, fmt.Errorf("note a job: %w", err)
	}
	note := store.Audit{By: by, Action: j.Kind.Action(), Target: j.ID, Detail: string(detail)}
	if err := s.options.Store.AddJob(ctx, j, note); err != nil {
		return Job{}, err
	}
	if s.options.CallRunner != nil {
		s.options.CallRunner()
	}
	return jobOf(j), nil
}

// jobFor makes a job of a request, and refuses what cannot be meant.
func (s *Server) jobFor(by string, what *JobRequest) (*store.Job, error) {
	f, err := storeFilter(&what.Filter)
	if err != nil {
		return nil, err
	}
	rate := defaultRate
	if what.RatePerSecond != nil {
		rate = *what.RatePerSecond
	}
	switch {
	case !what.Kind.Valid():
		return nil, invalid("kind: none of replay, discard, cancel and retry-now")
	case rate < 1 || rate > maxRate:
		return nil, invalid(fmt.Sprintf("ratePerSecond: not between 1 and %d", maxRate))
	case f.IsZero() && !value(what.All):
		return nil, invalid("filter: it is empty; set all to true if everything is meant")
	}
	if store.JobKind(what.Kind).Waits() {
		err = s.waiting(what, &f)
	} else {
		err = s.reachable(what, &f)
	}
	if err != nil {
		return nil, err
	}
	return &store.Job{
		ID: event.NewID(), Kind: store.JobKind(what.Kind), Filter: f, To: value(what.To), Rate: rate, By: by,
		State: store.JobWaiting, Created: time.Now(), Progress: store.Progress{Total: store.Uncounted},
	}, nil
}

// reachable refuses a job that could do nothing.
func (s *Server) reachable(what *JobRequest, f *store.Filter) error {
	to, routes := value(what.To), s.options.Config().Routes
	if what.Kind == Discard {
		switch {
		case what.To != nil:
			return invalid("to: a discard leads nowhere")
		case f.State != "" && f.State != store.Dead:
			return invalid("filter.state: only dead letters can be discarded")
		}
		return nil
	}
	switch {
	case what.To != nil && routes[to] == nil:
		return invalid(fmt.Sprintf("to: there is no route %q in the configuration", to))
	case to == "" && f.Route != "" && routes[f.Route] == nil:
		return invalid(fmt.Sprintf("filter.route: there is no route %q in the configuration to replay to; name another one in to", f.Route))
	case s.options.Archive == nil && (to != "" || f.State != "" && f.State != store.Dead):
		return invalid("there is no archive (PENSTOCK_ARCHIVE, PENSTOCK_STREAMS): only dead letters can be replayed, to their own route")
	case f.State == store.Unrouted && f.Route != "":
		return invalid("filter.route: what is unrouted has no route; name one in to")
	}
	return nil
}
