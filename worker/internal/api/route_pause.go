package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// addPauses adds which routes are paused themselves.
func (s *Server) addPauses(ctx context.Context, all map[string]*Route) error {
	pauses, err := s.options.Store.Pauses(ctx)
	if err != nil {
		return err
	}
	for name, p := range pauses.Routes {
		if r := all[name]; r != nil && p.Paused {
			r.Paused, r.Pause = &p.Paused, &Pause{At: p.At, By: given(p.By)}
		}
	}
	return nil
}

// PauseRoute answers POST /routes/{name}/pause.
func (s *Server) PauseRoute(c echo.Context, name NameParameter) error {
	return s.turnRoute(c, name, true)
}

// ResumeRoute answers POST /routes/{name}/resume.
func (s *Server) ResumeRoute(c echo.Context, name NameParameter) error {
	return s.turnRoute(c, name, false)
}

func (s *Server) turnRoute(c echo.Context, name string, pause bool) error {
	if err := s.HoldRoute(c.Request().Context(), by(c), name, pause); err != nil {
		return err
	}
	return s.GetRoute(c, name)
}

// HoldRoute stops the delivery of a route's events for an operator, or goes on with it. A
// route that is not configured can only be resumed, if it was paused.
func (s *Server) HoldRoute(ctx context.Context, by, route string, pause bool) error {
	pauses, err := s.options.Store.Pauses(ctx)
	if err != nil {
		return err
	}
	if s.options.Config().Routes[route] == nil && (pause || !pauses.Routes[route].Paused) {
		return errNotFound
	}
	return s.options.Commander.Pause(ctx, store.Pause{Of: store.OfRoute, Name: route, Paused: pause, By: by})
}
