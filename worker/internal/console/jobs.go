package console

import (
	"net/http"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// jobKinds are what a job can do, by the name of the button.
var jobKinds = map[string]api.JobKind{"replay": api.Replay, "discard": api.Discard}

// jobFilter is a filter as jobs take it. What is relative to now becomes fixed.
func (c *Console) jobFilter(f filter) (api.Filter, error) {
	q, err := f.query(c.now(), 0)
	if err != nil {
		return api.Filter{}, err
	}
	return api.Filter{
		Source: set(q.Source), Type: set(q.Type), Route: set(q.Route), State: set(api.State(q.State)), Reason: set(q.Reason), HttpStatus: positive(q.HTTPStatus), Error: set(q.Error),
		ProviderId: set(q.ProviderID), From: set(q.From), To: set(q.To),
	}, nil
}

// set returns nothing for a zero value.
func set[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// showJobs answers GET /jobs.
func (c *Console) showJobs(w http.ResponseWriter, r *http.Request, v *visitor) error {
	jobs, err := c.Operations.Jobs(r.Context(), r.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	return c.render(w, r, v, rendering{page: "jobs", title: "Jobs", place: "jobs", data: jobs})
}

// showJob answers GET /jobs/{id}.
func (c *Console) showJob(w http.ResponseWriter, r *http.Request, v *visitor) error {
	job, err := c.Operations.Job(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.render(w, r, v, rendering{page: "job", title: jobTitle(job), place: "jobs", data: job})
}

func jobTitle(j api.Job) string {
	switch j.Kind {
	case api.Discard:
		return "Discard dead letters"
	case api.Cancel:
		return "Cancel events"
	case api.RetryNow:
		return "Retry events now"
	default:
		return "Replay events"
	}
}

// goesOn reports whether a job has not ended.
func goesOn(j api.Job) bool { return j.EndedAt == nil }

// share is how much of a job is done, in percent, or less than zero when that is not
// known yet.
func share(j api.Job) int64 {
	switch {
	case j.Total == nil:
		return -1
	case *j.Total <= 0:
		return 100
	default:
		return min(100, 100*(j.Done+j.Skipped) / *j.Total)
	}
}

// cancelJob answers POST /jobs/{id}/cancel.
func (c *Console) cancelJob(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id := r.PathValue("id")
	if _, err := c.Operations.StopJob(r.Context(), v.Name, id); err != nil {
		return err
	}
	c.leave(w, r, Base+"/jobs/"+id, "cancelled")
	return nil
}

// replayEvent answers POST /events/{id}/replay.
func (c *Console) replayEvent(w http.ResponseWriter, r *http.Request, v *visitor) error {
	what := api.JobRequest{Kind: api.Replay, To: set(r.PostFormValue("route"))}
	return c.actOnEvent(w, r, v, what)
}

// discardEvent answers POST /events/{id}/discard.
func (c *Console) discardEvent(w http.ResponseWriter, r *http.Request, v *visitor) error {
	what := api.JobRequest{Kind: api.Discard}
	what.Filter.State = set(api.State(store.Dead))
	what.Filter.Route = set(r.PostFormValue("route"))
	return c.actOnEvent(w, r, v, what)
}

func (c *Console) actOnEvent(w http.ResponseWriter, r *http.Request, v *visitor, what api.JobRequest) error {
	e, err := c.Events.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	what.Filter.Ids = &[]string{e.ID}
	job, err := c.Operations.MakeJob(r.Context(), v.Name, what)
	if err != nil {
		return err
	}
	http.Redirect(w, r, Base+"/jobs/"+job.Id, http.StatusSeeOther)
	return nil
}

// positive returns nothing for zero.
func positive(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
