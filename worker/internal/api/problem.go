package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// problemBase begins every problem's type; each leads to its description.
const problemBase = "https://github.com/penstock/penstock/blob/main/docs/reference/api-problems.md#"

// failure is an error with its public face.
type failure struct {
	status              int
	kind, title, detail string
}

func (f *failure) Error() string { return f.title }

// Public returns what people may see of it.
func (f *failure) Public() (status int, text string) { return f.status, f.detail }

var (
	errUnauthorized = &failure{http.StatusUnauthorized, "unauthorized", "Unauthorized", "Send a token that the tokens file names: Authorization: Bearer …"}
	errForbidden    = &failure{http.StatusForbidden, "forbidden", "Forbidden", "The token does not have the scope that this needs."}
	errHost         = &failure{http.StatusMisdirectedRequest, "host", "Unknown host", "The API is open, so it answers to names of its own only. Set PENSTOCK_CONSOLE_URL to this one, or close the API with tokens."}
	errNotFound     = &failure{http.StatusNotFound, "not-found", "Not found", "There is nothing of this name yet, or it was deleted because of its age."}
	errEnded        = &failure{http.StatusConflict, "ended", "Ended", "The job has ended already."}
	errResolved     = &failure{http.StatusConflict, "resolved", "Resolved", "The incident is resolved already."}
	errGone         = &failure{http.StatusGone, "gone", "Gone", "The archive does not hold the event any more."}
	errNoArchive    = &failure{http.StatusGone, "no-archive", "No archive", "There is no archive: PENSTOCK_ARCHIVE or PENSTOCK_STREAMS turns it off."}
	errUnavailable  = &failure{http.StatusServiceUnavailable, "unavailable", "Unavailable", "The archive cannot be read now. Try again."}
	errBusy         = &failure{http.StatusServiceUnavailable, "busy", "Busy", "The tracker relays to as many clients as it serves at a time. Try again, or ask another tracker."}
	errInternal     = &failure{http.StatusInternalServerError, "internal", "Internal error", "The log says more."}
)

// invalid is a request that the caller has to mend.
func invalid(detail string) *failure {
	return &failure{http.StatusBadRequest, "invalid", "Invalid request", detail}
}

// failureOf is the one table from errors to what callers see.
func failureOf(err error) *failure {
	var own *failure
	var routing *echo.HTTPError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, store.ErrNotFound):
		return errNotFound
	case errors.Is(err, store.ErrCursor):
		return invalid("The cursor is not one of this list.")
	case errors.Is(err, store.ErrEnded):
		return errEnded
	case errors.Is(err, store.ErrResolved):
		return errResolved
	case errors.Is(err, track.ErrGone):
		return errGone
	case errors.Is(err, track.ErrUnavailable):
		return errUnavailable
	case errors.Is(err, event.ErrMalformed):
		return errGone
	case errors.As(err, &routing):
		return ofRouting(routing)
	default:
		return errInternal
	}
}

// ofRouting explains what echo and the generated code refuse.
func ofRouting(err *echo.HTTPError) *failure {
	switch err.Code {
	case http.StatusNotFound:
		return errNotFound
	case http.StatusBadRequest:
		detail, _ := err.Message.(string)
		return invalid(detail)
	default:
		return &failure{err.Code, "refused", http.StatusText(err.Code), ""}
	}
}

// fail answers with a problem. What is not the caller's to mend is logged.
func (s *Server) fail(err error, c echo.Context) {
	f := failureOf(err)
	if f == errInternal && !errors.Is(err, context.Canceled) {
		s.options.Log.Error("request failed", zap.String("path", c.Path()), zap.Error(err))
	}
	if !c.Response().Committed {
		writeProblem(c.Response(), f)
	}
}

func writeProblem(w http.ResponseWriter, f *failure) {
	body := Problem{Type: problemBase + f.kind, Title: f.title, Status: f.status}
	if f.detail != "" {
		body.Detail = &f.detail
	}
	text, err := json.Marshal(body)
	if err != nil {
		text = nil // four plain fields: it does not happen
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.status)
	_, _ = w.Write(text) // it fails only when the caller has gone
}
