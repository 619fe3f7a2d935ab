package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// ListSources answers GET /sources: those of the configuration, and those that only
// have events left.
func (s *Server) ListSources(c echo.Context) error {
	all, err := s.Sources(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, SourceList{Sources: all})
}

// Sources returns what ListSources answers.
func (s *Server) Sources(ctx context.Context) ([]Source, error) {
	_, tallies, err := s.options.Store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*Source{}
	for name, source := range s.options.Config().Sources {
		all[name] = &Source{
			Name: name, Configured: true, Open: source.Open, Provider: given(source.Provider), Path: "/in/" + name,
			PublicURL: given(source.PublicURL), Refusals: []Refusal{},
		}
	}
	for _, t := range tallies {
		if all[t.Source] == nil {
			all[t.Source] = &Source{Name: t.Source, Path: "/in/" + t.Source, Refusals: []Refusal{}}
		}
		all[t.Source].Accepted, all[t.Source].Unrouted = t.Accepted, t.Unrouted
	}
	return sorted(all), nil
}

// ListRoutes answers GET /routes: those of the configuration, and those that only have
// deliveries left.
func (s *Server) ListRoutes(c echo.Context) error {
	all, err := s.Routes(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, RouteList{Routes: all})
}

// Routes returns what ListRoutes answers.
func (s *Server) Routes(ctx context.Context) ([]Route, error) {
	tallies, _, err := s.options.Store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*Route{}
	for name, route := range s.options.Config().Routes {
		bindings := route.Bindings()
		all[name] = &Route{Name: name, Configured: true, Destination: given(route.To), Bindings: &bindings}
	}
	for _, t := range tallies {
		if all[t.Route] == nil {
			all[t.Route] = &Route{Name: t.Route}
		}
		all[t.Route].Counts.add(t)
	}
	return sorted(all), nil
}

func (n *Counts) add(t store.Tally) {
	switch t.State {
	case store.Pending:
		n.Pending += t.Count
	case store.Retrying:
		n.Retrying += t.Count
	case store.Delivered:
		n.Delivered += t.Count
	case store.Filtered:
		n.Filtered += t.Count
	case store.Discarded:
		n.Discarded += t.Count
	case store.Dead:
		n.Dead += t.Count
	case store.Unrouted: // of events, not of deliveries
	}
}

// ListTraffic answers GET /traffic.
func (s *Server) ListTraffic(c echo.Context, p ListTrafficParams) error {
	since := time.Now().Add(-time.Hour)
	if p.Since != nil {
		since = *p.Since
	}
	if time.Since(since) > 24*time.Hour+time.Minute {
		return invalid("since: more than a day ago")
	}
	traffic, err := s.options.Store.Traffic(c.Request().Context(), since)
	if err != nil {
		return err
	}
	out := TrafficList{Traffic: make([]Traffic, len(traffic))}
	for i, t := range traffic {
		out.Traffic[i] = Traffic{Minute: t.Minute, Source: t.Source, Route: given(t.Route), Kind: t.Kind, Count: t.Count}
	}
	return c.JSON(http.StatusOK, out)
}

// ListGaps answers GET /gaps.
func (s *Server) ListGaps(c echo.Context) error {
	gaps, err := s.options.Store.Gaps(c.Request().Context())
	if err != nil {
		return err
	}
	out := GapList{Gaps: make([]Gap, len(gaps))}
	for i, g := range gaps {
		out.Gaps[i] = Gap{Stream: g.Stream, From: g.From, To: g.To, Reason: g.Reason, At: g.At}
	}
	return c.JSON(http.StatusOK, out)
}

// sorted returns the values in the order of their names, never nil.
func sorted[T any](all map[string]*T) []T {
	out := make([]T, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[name])
	}
	return out
}
