package console

import (
	"net/http"

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
		Letters: letters(found.Events, f.Route), Count: now.Totals.Counts.Dead,
		Sources: c.sourceNames(), Routes: c.routeNames(), Reasons: reasons,
	}
	f.State = ""
	data.Filter = f
	if !found.Next.IsZero() {
		data.Next = f.With(found.Next.String())
	}
	return c.render(w, r, v, rendering{page: "dead", title: "Dead letters", place: "dead", data: data})
}

// letters returns the dead deliveries of the events, on a route if one is given.
func letters(events []store.Event, route string) []letter {
	var all []letter
	for i := range events {
		for _, d := range events[i].Deliveries {
			if d.State == store.Dead && (route == "" || d.Route == route) {
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
