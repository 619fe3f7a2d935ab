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

// GetSource answers GET /sources/{name}.
func (s *Server) GetSource(c echo.Context, name NameParameter) error {
	all, err := s.Sources(c.Request().Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(one Source) bool { return one.Name == name })
	if at < 0 {
		return errNotFound
	}
	return c.JSON(http.StatusOK, all[at])
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
		last, err := s.options.Store.Events(ctx, store.Query{Source: t.Source, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(last.Events) > 0 {
			all[t.Source].LastEventAt = &last.Events[0].ReceivedAt
		}
	}
	if err := s.addRefusals(ctx, all); err != nil {
		return nil, err
	}
	return sorted(all), nil
}

// refusedFor is over how long refusals are shown.
const refusedFor = 24 * time.Hour

// addRefusals adds what the gateways refused lately of the sources that are there.
func (s *Server) addRefusals(ctx context.Context, all map[string]*Source) error {
	refusals, err := s.options.Store.Refusals(ctx, time.Now().Add(-refusedFor))
	for _, r := range refusals {
		if source := all[r.Source]; source != nil {
			source.Refusals = append(source.Refusals, Refusal{Reason: r.Reason, Count: r.Count, LastAt: r.LastAt})
		}
	}
	return err
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
	case store.Cancelled:
		n.Cancelled += t.Count
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
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	traffic, next, err := s.options.Store.TrafficAfter(c.Request().Context(), since, value(p.Cursor), limit)
	if err != nil {
		return err
	}
	out := TrafficList{Traffic: make([]Traffic, len(traffic)), Next: given(next)}
	for i, t := range traffic {
		out.Traffic[i] = Traffic{Minute: t.Minute, Source: t.Source, Route: given(t.Route), Kind: t.Kind, Count: t.Count}
	}
	return c.JSON(http.StatusOK, out)
}

// Gaps returns what ListGaps answers.
func (s *Server) Gaps(ctx context.Context) ([]store.Gap, error) { return s.options.Store.Gaps(ctx) }

// ListGaps answers GET /gaps.
func (s *Server) ListGaps(c echo.Context) error {
	gaps, err := s.Gaps(c.Request().Context())
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
