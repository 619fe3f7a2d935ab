package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
)

func TestAnEventThatWaitsHasButtonsForIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.happen(7, "invoice.paid", status.Retrying, "{}")
	b.happen(8, "invoice.paid", status.Delivered, "{}")
	for _, act := range []string{"cancel", "retry-now"} {
		path := "/console/events/" + id(7) + "/" + act
		require.Contains(t, b.get("/console/events/"+id(7)).body, path)
		require.NotContains(t, b.get("/console/events/"+id(8)).body, "/"+act+`"`)
		require.Equal(t, "/console/jobs/job-1", b.post(path, nil).Header.Get("Location"))
	}
	named := api.Filter{Ids: &[]string{id(7)}}
	require.Equal(t, []api.JobRequest{{Kind: api.Cancel, Filter: named}, {Kind: api.RetryNow, Filter: named}}, b.operations.asked)
}

func TestAllThatAListOfWaitingEventsFindsIsCancelledOrRetriedNow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.happen(7, "invoice.paid", status.Retrying, "{}")
	require.NotContains(t, b.get("/console/events").body, "Cancel all")
	require.NotContains(t, b.get("/console/events?state=retrying&find="+id(7)).body, "Cancel all")
	page := b.get("/console/events?state=retrying&type=invoice.*").body
	require.Contains(t, page, "Cancel all")
	require.Contains(t, page, "Retry all now")
	chosen := url.Values{"act": {"retry-now"}, "state": {"retrying"}, "type": {"invoice.*"}}
	require.Equal(t, "/console/jobs/job-1", b.post("/console/events", chosen).Header.Get("Location"))
	state, typ := api.Retrying, "invoice.*"
	require.Equal(t, []api.JobRequest{{Kind: api.RetryNow, Filter: api.Filter{State: &state, Type: &typ}}}, b.operations.asked)
	for _, wrong := range []url.Values{{"act": {"explode"}, "state": {"retrying"}}, {"act": {"cancel"}}, {"act": {"cancel"}, "state": {"retrying"}, "find": {id(7)}}} {
		require.Equal(t, http.StatusBadRequest, b.post("/console/events", wrong).StatusCode)
	}
	require.Len(t, b.operations.asked, 1)
}
