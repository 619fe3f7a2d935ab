package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// ListAudit answers GET /audit.
func (s *Server) ListAudit(c echo.Context, p ListAuditParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	page, err := s.Audit(c.Request().Context(), value(p.Cursor), limit)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, page)
}

// Audit returns a page of the audit, the newest entry first. The cursor is the id of the
// last one of the page before.
func (s *Server) Audit(ctx context.Context, cursor string, limit int) (AuditPage, error) {
	before, err := strconv.ParseInt(cursor, 10, 64)
	if cursor != "" && (err != nil || before <= 0) {
		return AuditPage{}, store.ErrCursor
	}
	entries, err := s.options.Store.Audits(ctx, before, limit+1)
	if err != nil {
		return AuditPage{}, err
	}
	page := AuditPage{Entries: make([]AuditEntry, 0, len(entries))}
	for _, a := range entries[:min(limit, len(entries))] {
		page.Entries = append(page.Entries, AuditEntry{
			Id: strconv.FormatInt(a.ID, 10), At: a.At, By: a.By, Action: a.Action, Target: a.Target,
			Detail: given(a.Detail), Count: a.Count,
		})
	}
	if len(entries) > limit {
		page.Next = &page.Entries[limit-1].Id
	}
	return page, nil
}

// limitOf is how many entries a page has.
func limitOf(p *int) (int, error) {
	if p == nil {
		return store.DefaultLimit, nil
	}
	if *p < 1 || *p > store.MaxLimit {
		return 0, invalid("limit: not between 1 and " + strconv.Itoa(store.MaxLimit))
	}
	return *p, nil
}
