package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAnEventThatWaitsIsCancelledOrRetriedNowByAJobOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(7, "invoices")}, Records: []status.Record{record(7, status.Retrying)}})
	var job api.Job
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/events/"+id(7)+"/cancel", `{"route": "invoices"}`, &job))
	require.Equal(t, api.Cancel, job.Kind)
	require.Equal(t, api.Filter{Ids: &[]string{id(7)}, Route: new("invoices")}, job.Filter, "in whatever state it waits")
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/events/"+id(7)+"/retry-now", `{}`, &job))
	require.Equal(t, api.RetryNow, job.Kind)
	require.Equal(t, api.Retrying, *job.Filter.State)
	var problem api.Problem
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/events/"+id(8)+"/cancel", `{}`, &problem))
	require.Equal(t, http.StatusForbidden, b.postAs("reader-secret", "/api/v1/events/"+id(7)+"/cancel", `{}`, &problem))
	var audit api.AuditPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit", &audit))
	require.Equal(t, []string{"retry-now", "cancel-events"}, []string{audit.Entries[0].Action, audit.Entries[1].Action})
}

func TestAJobAboutWhatWaitsIsAboutRetryingEventsUnlessItSaysOtherwise(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for body, want := range map[string]api.State{
		`{"kind": "cancel", "filter": {"route": "invoices"}}`:                     api.Retrying,
		`{"kind": "cancel", "filter": {"route": "invoices", "state": "pending"}}`: api.Pending,
		`{"kind": "retry-now", "filter": {"route": "invoices"}}`:                  api.Retrying,
	} {
		var job api.Job
		require.Equal(t, http.StatusAccepted, b.post("/api/v1/jobs", body, &job), body)
		require.Equal(t, want, *job.Filter.State, body)
	}
}

func TestAJobAboutWhatDoesNotWaitIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for body, why := range map[string]string{
		`{"kind": "cancel", "filter": {}}`:                                        "filter: it is empty",
		`{"kind": "cancel", "filter": {"state": "delivered"}}`:                    "only what is pending or retrying waits",
		`{"kind": "cancel", "filter": {"route": "invoices"}, "to": "invoices"}`:   "only a replay leads to another route",
		`{"kind": "retry-now", "filter": {"route": "invoices", "state": "dead"}}`: "only what is pending or retrying waits",
		`{"kind": "retry-now", "filter": {"state": "pending"}}`:                   "only what is retrying can be retried now",
		`{"kind": "retry-now", "filter": {"route": "gone"}}`:                      `there is no route "gone"`,
	} {
		var problem api.Problem
		require.Equal(t, http.StatusBadRequest, b.post("/api/v1/jobs", body, &problem), body)
		require.Contains(t, *problem.Detail, why, body)
	}
}
