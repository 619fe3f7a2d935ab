package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console/chart"
	"github.com/penstock/penstock/worker/internal/store"
)

// routeRow is a route with what happened on it.
type routeRow struct {
	api.Route

	Flow  flow
	Chart chart.Chart

	points []api.Point
}

// Waiting is how many of its events are not finished.
func (r routeRow) Waiting() int64 { return r.Counts.Pending + r.Counts.Retrying }

// routeRows returns every route with what happened since a time.
func (c *Console) routeRows(ctx context.Context, since time.Time, bucket time.Duration) ([]routeRow, error) {
	all, err := c.Operations.Routes(ctx)
	if err != nil {
		return nil, err
	}
	happened, err := c.Operations.Overview(ctx, since, bucket, api.GroupingRoute)
	if err != nil {
		return nil, err
	}
	points := map[string][]api.Point{}
	for _, s := range happened.Series {
		if s.Name != nil {
			points[*s.Name] = s.Points
		}
	}
	rows := make([]routeRow, len(all))
	for i, r := range all {
		rows[i] = routeRow{Route: r, Flow: flowOf(points[r.Name]), Chart: draw(points[r.Name], 132, 28), points: points[r.Name]}
	}
	slices.SortStableFunc(rows, byTrouble)
	return rows, nil
}

// hour returns every route with what happened within the last hour.
func (c *Console) hour(ctx context.Context) ([]routeRow, error) {
	s := spans[0]
	return c.routeRows(ctx, c.now().Add(-s.Length+s.Bucket).Truncate(s.Bucket), s.Bucket)
}

// routesPage is all routes, or those that were searched for.
type routesPage struct {
	Find   string
	Routes []routeRow
	Empty  bool // there is none at all
}

// showRoutes answers GET /routes.
func (c *Console) showRoutes(w http.ResponseWriter, r *http.Request, v *visitor) error {
	rows, err := c.hour(r.Context())
	if err != nil {
		return err
	}
	find := r.URL.Query().Get("find")
	data := routesPage{find, search(rows, find), len(rows) == 0}
	return c.render(w, r, v, rendering{page: "routes", title: "Routes", place: "routes", data: data})
}

// routePage is one route.
type routePage struct {
	routeRow

	Config    *config.Route // nil when it is not configured any more
	Events    []store.Event // the last ones
	Latency   chart.Chart   // in milliseconds
	Alongside []string      // the other routes to its destination
}

// showRoute answers GET /routes/{name}.
func (c *Console) showRoute(w http.ResponseWriter, r *http.Request, v *visitor) error {
	name := r.PathValue("name")
	rows, err := c.hour(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(row routeRow) bool { return row.Name == name })
	if i < 0 {
		return errNotFound
	}
	last, err := c.Events.Events(r.Context(), store.Query{Route: name, Limit: 10})
	if err != nil {
		return err
	}
	data := routePage{rows[i], c.Config().Routes[name], last.Events, drawLatency(rows[i].points), alongside(rows, rows[i])}
	return c.render(w, r, v, rendering{page: "route", title: name, place: "routes", data: data})
}

// showDestinations answers GET /destinations.
func (c *Console) showDestinations(w http.ResponseWriter, r *http.Request, v *visitor) error {
	all, err := c.Operations.Destinations(r.Context())
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b api.Destination) int { return cmp.Compare(rank(a.Health), rank(b.Health)) })
	return c.render(w, r, v, rendering{page: "destinations", title: "Destinations", place: "destinations", data: all})
}

// pauseRoute answers POST /routes/{name}/pause.
func (c *Console) pauseRoute(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.holdRoute(w, r, v, true, "route-paused")
}

// resumeRoute answers POST /routes/{name}/resume.
func (c *Console) resumeRoute(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.holdRoute(w, r, v, false, "route-resumed")
}

func (c *Console) holdRoute(w http.ResponseWriter, r *http.Request, v *visitor, paused bool, due string) error {
	if err := c.Operations.HoldRoute(r.Context(), v.Name, r.PathValue("name"), paused); err != nil {
		return err
	}
	c.leave(w, r, back(r.PostFormValue("back")), due)
	return nil
}

// pauseDestination answers POST /destinations/{name}/pause.
func (c *Console) pauseDestination(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.pause(w, r, v, true, "paused")
}

// resumeDestination answers POST /destinations/{name}/resume.
func (c *Console) resumeDestination(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.pause(w, r, v, false, "resumed")
}

func (c *Console) pause(w http.ResponseWriter, r *http.Request, v *visitor, paused bool, due string) error {
	if err := c.Operations.Pause(r.Context(), v.Name, r.PathValue("name"), paused); err != nil {
		return err
	}
	c.leave(w, r, back(r.PostFormValue("back")), due)
	return nil
}
