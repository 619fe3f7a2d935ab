package console

import (
	"net/http"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// waitingKinds are what can be done with events that wait, by the name of the button.
var waitingKinds = map[string]api.JobKind{"retry-now": api.RetryNow, "cancel": api.Cancel}

// actOnWaiting answers POST /events: cancels or retries now all that wait among the events that
// the filter finds.
func (c *Console) actOnWaiting(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if err := r.ParseForm(); err != nil {
		return mend("The form cannot be read", "Go back, and try again.")
	}
	kind, ok := waitingKinds[r.PostForm.Get("act")]
	if !ok {
		return mend("There is no such action", "Choose Retry now or Cancel.")
	}
	f, err := filterOf(r.PostForm, "act")
	if err != nil {
		return err
	}
	if !f.FindsWaiting() {
		return mend("That is no list of events that wait", "Choose the state pending or retrying, and search by something else than an id.")
	}
	what, err := c.jobFilter(f)
	if err != nil {
		return err
	}
	job, err := c.Operations.MakeJob(r.Context(), v.Name, api.JobRequest{Kind: kind, Filter: what})
	if err != nil {
		return err
	}
	http.Redirect(w, r, Base+"/jobs/"+job.Id, http.StatusSeeOther)
	return nil
}

// actOnWaitingEvent answers POST /events/{id}/cancel and /events/{id}/retry-now.
func (c *Console) actOnWaitingEvent(kind api.JobKind) page {
	return func(w http.ResponseWriter, r *http.Request, v *visitor) error {
		what := api.JobRequest{Kind: kind}
		what.Filter.Route = set(r.PostFormValue("route"))
		return c.actOnEvent(w, r, v, what)
	}
}

// Waits reports whether the event is in flight on a route.
func (p eventPage) Waits() bool { return p.inState(store.Pending) || p.Retries() }

// Retries reports whether the event waits for its next attempt on a route.
func (p eventPage) Retries() bool { return p.inState(store.Retrying) }

func (p eventPage) inState(s store.State) bool {
	for i := range p.Event.Deliveries {
		if p.Event.Deliveries[i].State == s {
			return true
		}
	}
	return false
}

// FindsWaiting reports whether the list is of events that wait.
func (f filter) FindsWaiting() bool {
	return f.Find == "" && (f.State == string(store.Pending) || f.State == string(store.Retrying))
}
