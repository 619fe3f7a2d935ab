package console

import (
	"context"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// deadPage lists what routes gave up on.
type deadPage struct {
	Filter  filter
	Letters []letter
	Next    string // the query of the page that follows; empty at the end
	Count   int64  // of all dead letters, whatever the filter
	Found   string // how many events the filter finds; "more than …" when counting them all takes too long
	Sources []string
	Routes  []string
	Reasons []fault.Reason
}

// letter is one dead letter.
type letter struct {
	*store.Event
	store.Delivery
}

// reasons are why a route gives up.
var reasons = []fault.Reason{
	fault.ReasonMaxAttempts, fault.ReasonMaxAge, fault.ReasonRejected, fault.ReasonGone, fault.ReasonRedirect,
	fault.ReasonDeliveryLimit, fault.ReasonFilter, fault.ReasonTransform, fault.ReasonRequest, fault.ReasonOrdering, fault.ReasonUnreadable, fault.ReasonForbidden, fault.ReasonPanic,
}

// showDead answers GET /dead.
func (c *Console) showDead(w http.ResponseWriter, r *http.Request, v *visitor) error {
	ctx := r.Context()
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	f.State = string(store.Dead)
	q, err := f.query(c.now(), pageSize)
	if err != nil {
		return err
	}
	found, err := c.Events.Events(ctx, q)
	if err != nil {
		return err
	}
	now, err := c.Operations.Overview(ctx, c.now(), spans[0].Bucket, api.GroupingNone)
	if err != nil {
		return err
	}
	data := deadPage{
		Letters: letters(found.Events, q), Count: now.Totals.Counts.Dead,
		Sources: c.sourceNames(), Routes: c.routeNames(), Reasons: reasons,
	}
	if data.Found, err = c.countDead(ctx, f, data.Count); err != nil {
		return err
	}
	f.State = ""
	data.Filter = f
	if !found.Next.IsZero() {
		data.Next = f.With(found.Next.String())
	}
	return c.render(w, r, v, rendering{page: "dead", title: "Dead letters", place: "dead", data: data})
}

// How far dead letters are counted that a filter finds, and for how long.
const (
	mostCounted  = 10_000
	countingTime = 300 * time.Millisecond
)

// countDead says how many dead letters the filter finds, of all that there are.
func (c *Console) countDead(ctx context.Context, f filter, all int64) (string, error) {
	f.Cursor = ""
	q, err := f.query(c.now(), 0)
	if err != nil {
		return "", err
	}
	if narrowed := f; narrowed == (filter{State: f.State}) {
		return count(all), nil
	}
	n, complete, err := c.Events.Count(ctx, q, mostCounted, countingTime)
	if err != nil || complete {
		return count(int64(n)), err
	}
	return "more than " + count(int64(n)), nil
}

// letters returns those dead deliveries of the events that are searched for.
func letters(events []store.Event, q store.Query) []letter {
	meant := store.Filter{Route: q.Route, State: store.Dead, Reason: q.Reason, HTTPStatus: q.HTTPStatus, Error: q.Error}
	var all []letter
	for i := range events {
		for _, d := range events[i].Deliveries {
			if meant.Delivery(&d) {
				all = append(all, letter{&events[i], d})
			}
		}
	}
	return all
}

// actOnDead answers POST /dead: replays or discards what was selected, or all that the
// filter finds.
func (c *Console) actOnDead(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := r.ParseForm(); err != nil {
		return mend("The form cannot be read", "Select fewer, or act on all that the filter finds.")
	}
	kind, ok := jobKinds[r.PostForm.Get("act")]
	if !ok {
		return mend("There is no such action", "Choose Replay or Discard.")
	}
	f, err := filterOf(r.PostForm, "act", "which", "id", "back")
	if err != nil {
		return err
	}
	f.State = string(store.Dead)
	what, err := c.jobFilter(f)
	if err != nil {
		return err
	}
	if r.PostForm.Get("which") != "all" {
		ids := r.PostForm["id"]
		if len(ids) == 0 {
			c.leave(w, r, back(r.PostForm.Get("back")), "none")
			return nil
		}
		what = api.Filter{Ids: &ids, State: what.State, Route: what.Route}
	}
	job, err := c.Operations.MakeJob(r.Context(), v.Name, api.JobRequest{Kind: kind, Filter: what})
	if err != nil {
		return err
	}
	http.Redirect(w, r, Base+"/jobs/"+job.Id, http.StatusSeeOther)
	return nil
}
