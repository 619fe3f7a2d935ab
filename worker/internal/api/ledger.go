package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
)

// GetLedger answers GET /ledger.
func (s *Server) GetLedger(c echo.Context) error {
	l, err := s.Ledger(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, l)
}

// Ledger says whether every accepted event is accounted for.
func (s *Server) Ledger(ctx context.Context) (Ledger, error) {
	r, err := ledger.Read(ctx, s.options.Store)
	if err != nil {
		return Ledger{}, err
	}
	out := Ledger{AsOf: r.AsOf, Known: r.Known(time.Now()), Unaccounted: r.Unaccounted, Uncertain: r.Uncertain, Entries: make([]LedgerEntry, len(r.Entries))}
	if s.options.NoStreams {
		why := NoStreams
		out.Known, out.Why = false, &why
	}
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return Ledger{}, err
	}
	if len(accounts) > 0 {
		out.Accounts = &accounts
	}
	for i, e := range r.Entries {
		out.Entries[i] = LedgerEntry{
			Source: e.Source, Route: e.Route, Accepted: e.Accepted, Delivered: e.Delivered, Filtered: e.Filtered,
			Discarded: e.Discarded, Cancelled: e.Cancelled, Dead: e.Dead, InFlight: e.InFlight, Unaccounted: e.Unaccounted,
		}
	}
	return out, nil
}

// ListMissing answers GET /ledger/missing.
func (s *Server) ListMissing(c echo.Context, p ListMissingParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	page, err := s.missing(c.Request().Context(), value(p.Source), value(p.Route), value(p.Cursor), limit)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, page)
}

// Missing returns a page of the events that are not accounted for. The cursor is how many
// come before the page.
func (s *Server) Missing(ctx context.Context, cursor string, limit int) (MissingPage, error) {
	return s.missing(ctx, "", "", cursor, limit)
}

// missing returns those of a source and a route; where these are empty, of all.
func (s *Server) missing(ctx context.Context, source, route, cursor string, limit int) (MissingPage, error) {
	skip, err := strconv.Atoi(cursor)
	if cursor != "" && (err != nil || skip < 0) {
		return MissingPage{}, store.ErrCursor
	}
	r, err := ledger.Read(ctx, s.options.Store)
	if err != nil {
		return MissingPage{}, err
	}
	all := make([]Missing, 0, len(r.Missing))
	for _, m := range r.Missing {
		if (source == "" || m.Source == source) && (route == "" || m.Route == route) {
			all = append(all, Missing{
				Event: m.Event, Source: m.Source, Type: m.Type, Route: m.Route, ReceivedAt: m.ReceivedAt, State: State(m.State), Since: m.Due,
			})
		}
	}
	all = all[min(skip, len(all)):]
	page := MissingPage{Missing: all[:min(limit, len(all))]}
	if len(all) > limit {
		next := strconv.Itoa(skip + limit)
		page.Next = &next
	}
	return page, nil
}
