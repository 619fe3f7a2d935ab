package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// How often a watcher hears at most, when it looks although nobody told it of news,
// because another tracker may be the active one, and how long it may take to read.
const (
	liveEvery = time.Second
	liveLook  = 2 * time.Second
	liveWrite = 10 * time.Second
)

// WatchEvents answers GET /events/stream with server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
func (s *Server) WatchEvents(c echo.Context, p WatchEventsParams) error {
	q, err := newQuery(p.Source, p.Type, p.Route, p.State, p.Limit)
	if err != nil {
		return err
	}
	q.Reason = value(p.Reason)
	ctx := c.Request().Context()
	w := watcher{response: c.Response(), control: http.NewResponseController(c.Response().Writer)}
	for {
		changed := s.options.Changed()
		page, err := s.options.Store.Events(ctx, q)
		if err != nil {
			return err
		}
		if err := w.show(page); err != nil {
			return nil //nolint:nilerr // the watcher has gone
		}
		if !s.rest(c, changed) {
			return nil
		}
	}
}

// rest waits for news, and at least a second. It returns false when the watcher has
// gone, or the server stops.
func (s *Server) rest(c echo.Context, changed <-chan struct{}) bool {
	pause, look := time.After(liveEvery), time.After(liveLook)
	for pause != nil || changed != nil {
		select {
		case <-pause:
			pause = nil
		case <-changed:
			changed = nil
		case <-look:
			return true
		case <-c.Request().Context().Done():
			return false
		case <-s.stopping:
			return false
		}
	}
	return true
}

// watcher is one connection that is kept up to date.
type watcher struct {
	response *echo.Response
	control  *http.ResponseController
	last     []byte
	silent   int // turns without a word
}

// show sends the page if it is not what was sent last, and otherwise now and then a
// comment, which keeps the connection from being taken for dead.
func (w *watcher) show(page store.Page) error {
	text, err := json.Marshal(pageOf(page))
	if err != nil {
		return err
	}
	if w.silent++; bytes.Equal(text, w.last) && w.silent < 8 {
		return nil
	}
	if w.last == nil {
		w.response.Header().Set(echo.HeaderContentType, "text/event-stream")
		w.response.Header().Set("X-Accel-Buffering", "no")
		w.response.WriteHeader(http.StatusOK)
	}
	message := ":\n\n"
	if !bytes.Equal(text, w.last) {
		message = fmt.Sprintf("event: page\ndata: %s\n\n", text)
	}
	w.last, w.silent = text, 0
	_ = w.control.SetWriteDeadline(time.Now().Add(liveWrite))
	if _, err := w.response.Write([]byte(message)); err != nil {
		return err
	}
	return w.control.Flush()
}
