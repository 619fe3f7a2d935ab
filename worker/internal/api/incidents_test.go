package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// failing makes an incident with a dead letter.
func (b *bench) failing(n int64, answer string) string {
	b.t.Helper()
	r := record(n, status.Dead)
	r.At = start.Add(time.Duration(n) * time.Minute)
	r.Reason, r.HTTPStatus, r.Answer = fault.ReasonRejected, 422, []byte(answer)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(n, "invoices")}, Records: []status.Record{r}})
	e, err := b.store.Event(b.t.Context(), id(n))
	require.NoError(b.t, err)
	return e.Deliveries[0].Incident
}

func TestIncidentsAreListedShownAndActedOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, other := b.failing(1, "order 1 is odd"), b.failing(2, "the customer is unknown")
	require.Equal(t, one, b.failing(3, "order 3 is odd"))
	var page api.IncidentPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/incidents?limit=1", &page))
	require.Equal(t, one, page.Incidents[0].Id, "the one that failed last")
	cursor := *page.Next
	page = api.IncidentPage{}
	require.Equal(t, http.StatusOK, b.get("/api/v1/incidents?cursor="+cursor, &page))
	require.Equal(t, other, page.Incidents[0].Id)
	require.Nil(t, page.Next)

	var detail api.IncidentDetail
	require.Equal(t, http.StatusOK, b.get("/api/v1/incidents/"+one, &detail))
	require.Equal(t, []string{id(1), id(3)}, detail.Incident.Samples)
	require.Equal(t, "order # is odd", *detail.Incident.Shape)
	require.EqualValues(t, 2, detail.Incident.Dead)
	require.Equal(t, api.ChangeOpened, detail.History[0].Change)

	var got api.Incident
	require.Equal(t, http.StatusOK, b.post("/api/v1/incidents/"+one+"/acknowledge", "", &got))
	require.Equal(t, api.IncidentAcknowledged, got.State)
	require.Equal(t, http.StatusOK, b.post("/api/v1/incidents/"+one+"/mute", fmt.Sprintf(`{"until": %q}`, "2027-01-01T00:00:00Z"), &got))
	require.True(t, got.Muted)
	require.Equal(t, http.StatusOK, b.post("/api/v1/incidents/"+one+"/resolve", "", &got))
	require.Equal(t, "writer", *got.By)
	require.Equal(t, http.StatusOK, b.get("/api/v1/incidents", &page))
	require.Len(t, page.Incidents, 1)
	require.Equal(t, http.StatusOK, b.get("/api/v1/incidents?state=all&kind=delivery-failing&route=invoices", &page))
	require.Len(t, page.Incidents, 2)

	var job api.Job
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/incidents/"+one+"/replay", "", &job))
	require.Equal(t, api.Filter{Incident: &one, Route: job.Filter.Route, State: job.Filter.State}, job.Filter)
	require.Equal(t, api.Dead, *job.Filter.State)
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/incidents/"+one+"/discard", "", &job))
	require.Equal(t, api.Discard, job.Kind)
}

func TestWhatCannotBeMeantOfAnIncidentIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := b.failing(1, "no")
	var p api.Problem
	require.Equal(t, http.StatusNotFound, b.get("/api/v1/incidents/none", &p))
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/incidents/none/resolve", "", &p))
	require.Equal(t, http.StatusBadRequest, b.get("/api/v1/incidents?kind=odd", &p))
	require.Equal(t, http.StatusBadRequest, b.get("/api/v1/incidents?state=odd", &p))
	require.Equal(t, http.StatusForbidden, b.postAs("reader-secret", "/api/v1/incidents/"+one+"/resolve", "", &p))
	require.Equal(t, http.StatusBadRequest, b.post("/api/v1/incidents/"+one+"/mute", `{"until": "2099-01-01T00:00:00Z"}`, &p))
	b.post("/api/v1/incidents/"+one+"/resolve", "", new(api.Incident))
	require.Equal(t, http.StatusConflict, b.post("/api/v1/incidents/"+one+"/acknowledge", "", &p))
}

func TestDeadLettersAndEventsAreFoundByTheirIncident(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := b.failing(1, "no")
	b.failing(2, "other")
	var letters api.DeadLetterPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/dead-letters?incident="+one, &letters))
	require.Len(t, letters.DeadLetters, 1)
	var events api.EventPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/events?route=invoices&incident="+one, &events))
	require.Len(t, events.Events, 1)
	require.Equal(t, one, *events.Events[0].Deliveries[0].Incident)
}
