package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// Notifier sends notifications. *notify.Notifier is one.
type Notifier interface {
	// Test sends a test message to a channel of the configuration, and returns its kind. It
	// fails with store.ErrNotFound for a channel that there is not; another error says why the
	// channel did not take it, and holds no secret.
	Test(ctx context.Context, channel string) (kind string, err error)
}

// ListNotices answers GET /notices.
func (s *Server) ListNotices(c echo.Context, p ListNoticesParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	before := int64(0)
	if cursor := value(p.Cursor); cursor != "" {
		if before, err = strconv.ParseInt(cursor, 10, 64); err != nil || before < 1 {
			return store.ErrCursor
		}
	}
	found, err := s.options.Store.Notices(c.Request().Context(), value(p.Channel), before, limit+1)
	if err != nil {
		return err
	}
	page := NoticePage{Notices: make([]Notice, 0, len(found))}
	for i := range found[:min(limit, len(found))] {
		page.Notices = append(page.Notices, noticeOf(&found[i]))
	}
	if len(found) > limit {
		page.Next = given(strconv.FormatInt(found[limit-1].ID, 10))
	}
	return c.JSON(http.StatusOK, page)
}

func noticeOf(n *store.Notice) Notice {
	out := Notice{
		Id: n.ID, Channel: n.Channel, State: NoticeState(n.State), Changes: len(n.Changes), Attempts: n.Attempts, MadeAt: n.MadeAt,
		EndedAt: at(n.EndedAt), Problem: given(n.Problem),
	}
	if n.State == store.NoticeWaiting {
		out.NextAt = at(n.NextAt)
	}
	return out
}

// TestChannel answers POST /channels/{name}/test.
func (s *Server) TestChannel(c echo.Context, name NameParameter) error {
	kind, err := s.options.Notifier.Test(c.Request().Context(), name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errNotFound
	case err != nil:
		return &failure{http.StatusBadGateway, "channel", "The channel does not take it", err.Error()}
	}
	return c.JSON(http.StatusOK, ChannelTest{Channel: name, Kind: kind})
}
