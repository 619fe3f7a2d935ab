package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console/payload"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// eventPage is one event with all that is known about it.
type eventPage struct {
	Event   *store.Event
	Courses []course
	Request *request // nil when the archive cannot show it
	Missing string   // why it cannot
	Shape   string   // how the payload is shown: pretty, raw or hex
	Body    payload.View
	Curl    string
	CurlsTo []deliveryCurl
	Dead    bool // whether a route gave up on it
	Routes  []string
}

// course is what happened on one route, the last thing first.
type course struct {
	store.Delivery

	Past    []fact
	Waiting *api.Waits // nil: it does not
}

// fact is one thing that happened.
type fact struct {
	store.Past

	Job string // that replayed the event; empty on its first round, and on one that its sender began
}

// request is the one that brought the event.
type request struct {
	event.Request

	Body []byte
}

// showEvent answers GET /events/{id}.
func (c *Console) showEvent(w http.ResponseWriter, r *http.Request, v *visitor) error {
	ctx := r.Context()
	e, err := c.Events.Event(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	past, err := c.Events.History(ctx, e)
	if err != nil {
		return err
	}
	waiting, err := c.Operations.Waiting(ctx, e)
	if err != nil {
		return err
	}
	data := eventPage{Event: e, Courses: courses(e, past), Routes: c.routeNames()}
	for i := range data.Courses {
		data.Courses[i].Waiting = waiting[data.Courses[i].Route]
	}
	for _, d := range e.Deliveries {
		data.Dead = data.Dead || d.State == store.Dead
	}
	if data.Request, data.Missing = c.requestOf(ctx, e); data.Request != nil {
		data.Shape = r.URL.Query().Get("as")
		data.Body = payload.Show(data.Request.Body, data.Request.ContentType(), data.Request.Get("Content-Encoding"), payload.Shape(data.Shape))
		data.Shape = string(data.Body.Shape)
		data.Curl, data.CurlsTo = c.curlOf(e.ID, e.Source, data.Request), c.curlsTo(e, data.Request)
	}
	return c.render(w, r, v, rendering{page: "event", title: e.Type, place: "events", data: data})
}

// Body is how the answer to an attempt begins, as text.
func (f fact) Body() string { return api.ReadableAnswer(f.Answer.Body) }

// courses sorts what happened by route.
func courses(e *store.Event, past []store.Past) []course {
	all := make([]course, len(e.Deliveries))
	at := map[string]*course{}
	for i, d := range e.Deliveries {
		all[i].Delivery = d
		at[d.Route] = &all[i]
	}
	own := repeated(past)
	for _, p := range slices.Backward(past) {
		one := at[p.Route]
		if one == nil {
			continue
		}
		job := p.Replay
		if own[job] {
			job = ""
		}
		one.Past = append(one.Past, fact{p, job})
	}
	return all
}

// repeated returns the rounds that the sender began.
func repeated(past []store.Past) map[string]bool {
	rounds := map[string]bool{}
	for _, p := range past {
		if p.Reason == fault.ReasonRepeated {
			rounds[p.Replay] = true
		}
	}
	return rounds
}

// requestOf reads the event from the archive, or says why it cannot.
func (c *Console) requestOf(ctx context.Context, e *store.Event) (*request, string) {
	full, err := c.archived(ctx, e)
	switch {
	case err == nil:
		for i, f := range full.Request.Header {
			full.Request.Header[i].Value = strings.ToValidUTF8(f.Value, "\uFFFD")
		}
		return &request{full.Request, full.Body}, ""
	case errors.Is(err, errNoArchive):
		return nil, "The archive is off, so payloads are not kept. PENSTOCK_ARCHIVE=true and PENSTOCK_STREAMS=on keep them."
	case errors.Is(err, track.ErrUnavailable):
		return nil, "The archive cannot be read now: the broker does not answer. Reload the page in a moment."
	default:
		return nil, "The archive does not hold it any more: its age or size limit was reached (PENSTOCK_ARCHIVE_MAX_AGE, PENSTOCK_ARCHIVE_MAX_BYTES)."
	}
}

var errNoArchive = errors.New("console: there is no archive")

// archived reads the event, without what people may not see of it.
func (c *Console) archived(ctx context.Context, e *store.Event) (*event.Event, error) {
	if c.Archive == nil {
		return nil, errNoArchive
	}
	if e.Offset == store.NoOffset {
		return nil, track.ErrGone
	}
	full, err := c.Archive.Event(ctx, e.Offset, e.ID)
	if err != nil {
		return nil, err
	}
	return c.Config().Hidden(full.Source).View(full), nil
}

// download answers GET /events/{id}/payload with the body, byte for byte, which the
// browser saves and never shows.
func (c *Console) download(w http.ResponseWriter, r *http.Request, _ *visitor) error {
	e, err := c.Events.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	full, err := c.archived(r.Context(), e)
	if err != nil {
		return &failure{http.StatusGone, "The payload is not there", "The archive does not hold it any more, or cannot be read now."}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.ID+payload.Extension(full.Request.ContentType())+`"`)
	_, _ = w.Write(full.Body) // it fails only when the visitor has gone
	return nil
}
