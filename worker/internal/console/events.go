package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/penstock/penstock/worker/internal/store"
)

// pageSize is how many events a page lists.
const pageSize = 50

// eventsPage is the list of events.
type eventsPage struct {
	Filter  filter
	Events  []store.Event
	Next    string // the query of the page that follows; empty at the end
	First   bool   // whether this is the first page, which keeps up to date
	Sources []string
	Routes  []string
	States  []store.State
	Types   []string // that begin what was typed
}

// showEvents answers GET /events.
func (c *Console) showEvents(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	if identifier.MatchString(f.Find) {
		id := strings.ToLower(f.Find)
		_, err := c.Events.Event(r.Context(), id)
		if err == nil {
			http.Redirect(w, r, Base+"/events/"+id, http.StatusSeeOther)
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	q, err := f.query(c.now(), pageSize)
	if err != nil {
		return err
	}
	found, err := c.Events.Events(r.Context(), q)
	if err != nil {
		return err
	}
	data := eventsPage{
		Filter: f, Events: found.Events, First: f.Cursor == "", States: append(store.States(), store.Unrouted),
		Sources: c.sourceNames(), Routes: c.routeNames(),
	}
	if !found.Next.IsZero() {
		data.Next = f.With(found.Next.String())
	}
	return c.render(w, r, v, rendering{page: "events", title: "Events", place: "events", data: data})
}

func (c *Console) sourceNames() []string { return slices.Sorted(maps.Keys(c.Config().Sources)) }

func (c *Console) routeNames() []string { return slices.Sorted(maps.Keys(c.Config().Routes)) }
