package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// relayPath is where the archive is followed.
const relayPath = basePath + "/archive/stream"

// Follower reads the archive. *track.Archive is one.
type Follower interface {
	// Follow calls use for each entry behind a place, until ctx is done or use fails.
	Follow(ctx context.Context, from track.Place, use func(track.Entry) error) error
	// End returns the place behind the newest entry.
	End(ctx context.Context) track.Place
}

// maxRelays is how many relays a tracker serves at a time: each holds some events in memory, which may
// be large.
const maxRelays = 8

// How often a line comes without an event, and how long a client may take to read one.
const (
	relayBeat  = 5 * time.Second
	relayWrite = 30 * time.Second
)

// RelayEvents answers GET /archive/stream with lines of JSON.
func (s *Server) RelayEvents(c echo.Context, p RelayEventsParams) error {
	if s.options.Follower == nil {
		return errNoArchive
	}
	wanted, err := newChoice(p)
	if err != nil {
		return err
	}
	select {
	case s.relays <- struct{}{}:
		defer func() { <-s.relays }()
	default:
		return errBusy
	}
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	from, err := s.placeOf(ctx, value(p.From))
	if err != nil {
		return err
	}
	if err := s.noteRelay(c, "relay", p, 0); err != nil {
		return err
	}
	r := newRelay(c.Response(), wanted, s.options.Config)
	defer context.AfterFunc(ctx, r.end)()
	go s.endWith(ctx, cancel)
	err = r.run(ctx, s.options.Follower, from)
	_ = s.noteRelay(c, "relay-ended", p, r.sent()) // the first entry says who it was
	if c.Response().Committed {
		return nil // the client asks again
	}
	return err
}

// endWith ends what follows the archive when the server stops.
func (s *Server) endWith(ctx context.Context, cancel context.CancelFunc) {
	select {
	case <-s.stopping:
		cancel()
	case <-ctx.Done():
	}
}

// noteRelay keeps in the audit who reads what.
func (s *Server) noteRelay(c echo.Context, action string, p RelayEventsParams, count int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), answerTime)
	defer cancel()
	return s.options.Store.Note(ctx, store.Audit{
		By: by(c), Action: action, Target: strings.Join(value(p.Source), ", "), Detail: relayDetail(p), Count: count,
	})
}

// relayDetail says in words what is read.
func relayDetail(p RelayEventsParams) string {
	var parts []string
	if types := value(p.Type); len(types) > 0 {
		parts = append(parts, "of the types "+strings.Join(types, ", "))
	}
	if filter := value(p.Filter); filter != "" {
		parts = append(parts, "with the filter "+filter)
	}
	if from := value(p.From); from != "" {
		parts = append(parts, "from "+from)
	}
	return strings.Join(parts, ", ")
}

// header begins the answer.
func (r *relay) header() {
	h := r.response.Header()
	h.Set(echo.HeaderContentType, "application/x-ndjson")
	h.Set("X-Accel-Buffering", "no")
	r.response.WriteHeader(http.StatusOK)
}
