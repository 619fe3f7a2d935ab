package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
)

// Fleet is the deliverers. *control.Fleet is one.
type Fleet interface {
	// Reports returns the last report of each deliverer that was heard of lately.
	Reports() []control.Report
}

// Commander tells the deliverers what people want. *control.Commander is one.
type Commander interface {
	// Pause stops the delivery to a destination or of a route, or goes on with it, and keeps the audit.
	Pause(ctx context.Context, p store.Pause) error
}

// ListDestinations answers GET /destinations.
func (s *Server) ListDestinations(c echo.Context) error {
	all, err := s.Destinations(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, DestinationList{Destinations: all})
}

// GetDestination answers GET /destinations/{name}.
func (s *Server) GetDestination(c echo.Context, name NameParameter) error {
	all, err := s.Destinations(c.Request().Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(d Destination) bool { return d.Name == name })
	if at < 0 {
		return errNotFound
	}
	return c.JSON(http.StatusOK, all[at])
}

// PauseDestination answers POST /destinations/{name}/pause.
func (s *Server) PauseDestination(c echo.Context, name NameParameter) error {
	return s.turn(c, name, true)
}

// ResumeDestination answers POST /destinations/{name}/resume.
func (s *Server) ResumeDestination(c echo.Context, name NameParameter) error {
	return s.turn(c, name, false)
}

func (s *Server) turn(c echo.Context, name string, pause bool) error {
	if err := s.Pause(c.Request().Context(), by(c), name, pause); err != nil {
		return err
	}
	return s.GetDestination(c, name)
}

// Pause stops the delivery to a destination for somebody, or goes on with it. A
// destination that is not configured can only be resumed, if it was paused.
func (s *Server) Pause(ctx context.Context, by, destination string, pause bool) error {
	pauses, err := s.options.Store.Pauses(ctx)
	if err != nil {
		return err
	}
	if s.options.Config().Destinations[destination] == nil && (pause || !pauses.Destinations[destination].Paused) {
		return errNotFound
	}
	return s.options.Commander.Pause(ctx, store.Pause{Of: store.OfDestination, Name: destination, Paused: pause, By: by})
}

// Destinations returns those of the configuration, and those that are paused and gone.
func (s *Server) Destinations(ctx context.Context) ([]Destination, error) {
	pauses, err := s.options.Store.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	cfg := s.options.Config()
	all := map[string]*Destination{}
	for name, d := range cfg.Destinations {
		all[name] = destinationOf(d)
	}
	for name, p := range pauses.Destinations {
		if all[name] == nil && !p.Paused {
			continue
		}
		if all[name] == nil {
			all[name] = &Destination{Name: name, Routes: []string{}, Deliverers: []Deliverer{}}
		}
		if p.Paused {
			all[name].Paused, all[name].PausedBy, all[name].PausedAt = true, given(p.By), at(p.At)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Routes)) {
		if d := all[cfg.Routes[name].To]; d != nil {
			d.Routes = append(d.Routes, name)
		}
	}
	for _, r := range s.options.Fleet.Reports() {
		for i := range r.Destinations {
			if d := all[r.Destinations[i].Name]; d != nil {
				d.add(&r, &r.Destinations[i])
			}
		}
	}
	if err := s.addHealth(ctx, all); err != nil {
		return nil, err
	}
	return sorted(all), nil
}

func destinationOf(d *config.Destination) *Destination {
	out := &Destination{
		Name: d.Name, Configured: true, Concurrency: given(d.Concurrency), Routes: []string{}, Deliverers: []Deliverer{},
	}
	if d.RateLimit != nil {
		out.RateLimit = given(d.RateLimit.String())
	}
	if d.OverAMQP() {
		out.Exchange = &d.Exchange
		return out
	}
	if u, err := url.Parse(d.URL); err == nil { // it was checked when it was loaded
		u.RawQuery, u.User, u.Fragment = "", nil, ""
		out.Url = given(u.String())
	}
	return out
}

// add adds what a deliverer reports.
func (d *Destination) add(r *control.Report, seen *control.Destination) {
	d.Deliverers = append(d.Deliverers, Deliverer{
		Instance: r.Instance, SeenAt: r.At, Breaker: Breaker(seen.Breaker), BreakerSince: at(seen.BreakerSince), Paused: seen.Paused,
		RestingUntil: at(seen.RestingUntil), InUse: seen.InUse, Limit: seen.Limit,
	})
	if d.Breaker == nil || severity(Breaker(seen.Breaker)) > severity(*d.Breaker) {
		d.Breaker = given(Breaker(seen.Breaker))
	}
}

// severity orders the states of a breaker.
func severity(b Breaker) int { return slices.Index([]Breaker{Closed, HalfOpen, Open}, b) }
