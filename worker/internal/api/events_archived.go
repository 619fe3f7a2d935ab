package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
)

// GetRequest answers GET /events/{id}/request.
func (s *Server) GetRequest(c echo.Context, id IdParameter) error {
	e, err := s.archived(c, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, requestOf(&e.Request))
}

// GetPayload answers GET /events/{id}/payload.
func (s *Server) GetPayload(c echo.Context, id IdParameter) error {
	e, err := s.archived(c, id)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Penstock-Content-Type", e.Request.ContentType()) // net/http writes no line breaks in a value
	h.Set(echo.HeaderContentDisposition, "attachment")
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, e.Body)
}

// archived returns the event as it was accepted, without what people may not see of it.
func (s *Server) archived(c echo.Context, id string) (*event.Event, error) {
	ctx := c.Request().Context()
	e, err := s.options.Store.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.options.Archive == nil {
		return nil, errNoArchive
	}
	if e.Offset == store.NoOffset {
		return nil, errGone
	}
	full, err := s.options.Archive.Event(ctx, e.Offset, e.ID)
	if err != nil {
		return nil, err
	}
	return s.options.Config().Hidden(full.Source).View(full), nil
}
