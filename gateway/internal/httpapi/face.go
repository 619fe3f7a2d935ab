package httpapi

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// Pipeline works on a request until it is answered or refused. The error is a
// *ingest.Refusal.
type Pipeline interface {
	Serve(ctx context.Context, r *ingest.Request) (*ingest.Answer, error)
}

// The response header fields of an accepted event.
const (
	HeaderEventID   = "Penstock-Event-Id"
	HeaderDuplicate = "Penstock-Duplicate" // "true": it was accepted before, and is not delivered again
)

// face turns HTTP requests into work for the pipeline and back.
type face struct {
	pipeline Pipeline
	problems map[ingest.Kind]rendered
	log      *zap.Logger
	senders  senders
	draining atomic.Bool

	lingerers chan struct{} // holds one entry for each refused request that is still read
}

// routes returns the handler of everything.
func (f *face) routes() http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = f.onError
	// This is echo's only way to route every method there is, with the path's
	// parameter. Which of them a source takes, it says itself.
	e.RouteNotFound("/in/:source", f.receive)
	return e
}

// receive works on one webhook.
func (f *face) receive(c echo.Context) error {
	req := c.Request()
	answer, err := f.pipeline.Serve(req.Context(), &ingest.Request{
		Name:    c.Param("source"),
		HTTP:    req,
		Remote:  f.senders.addressOf(req),
		Arrived: time.Now(),
	})
	if f.draining.Load() {
		c.Response().Header().Set("Connection", "close") // the client's next request goes elsewhere
	}
	if err != nil {
		f.refuse(c.Response(), refusalOf(err))
		return nil
	}
	writeAnswer(c.Response(), answer)
	return nil
}

func writeAnswer(w http.ResponseWriter, a *ingest.Answer) {
	h := w.Header()
	for name, value := range a.Header {
		h.Set(name, value)
	}
	if a.ContentType != "" {
		h.Set("Content-Type", a.ContentType)
	}
	if a.Timing != "" {
		h.Set("Server-Timing", a.Timing)
	}
	if a.EventID != "" {
		h.Set(HeaderEventID, a.EventID)
	}
	if a.Duplicate {
		h.Set(HeaderDuplicate, "true")
	}
	w.WriteHeader(a.Status) // net/http says how long a body is that fits its buffer
	if len(a.Body) > 0 {
		_, _ = w.Write(a.Body) // the sender has gone; the event is safe all the same
	}
}

// onError answers what no route takes.
func (f *face) onError(_ error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	f.writeProblem(c.Response(), &ingest.Refusal{Kind: kindNotFound})
}
