package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// accept stores an event of the route invoices, and what became of it.
func (b *bench) accept(n int64, records ...status.Record) {
	b.t.Helper()
	at := start.Add(time.Duration(n) * time.Second)
	for i := range records {
		records[i].Event, records[i].Source, records[i].Type, records[i].Route, records[i].At = id(n), "shop", "invoice.paid", "invoices", at
	}
	require.NoError(b.t, b.store.Apply(b.t.Context(), &store.Batch{
		Accepted: []store.Accepted{{ID: id(n), Source: "shop", Type: "invoice.paid", ReceivedAt: at, Size: 7, Offset: n, Routes: []string{"invoices"}}},
		Records:  records,
	}))
}

// refused is the record of an event that its destination refused.
func refused(answer string) status.Record {
	return status.Record{
		Kind: status.Dead, Attempt: 1, Reason: fault.ReasonRejected, HTTPStatus: 422, Answer: []byte(answer), AnswerCut: true,
		Fields: status.Fields{"X-Request-Id": "r-4711"},
	}
}

func TestThePagesShowWhyAnAttemptFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept(1, refused("NullPointerException: order.customer is null\n<script>alert(1)</script>"))
	b.enter("reader")
	page := b.get("/console/events/" + id(1))
	require.Equal(t, http.StatusOK, page.StatusCode)
	for _, text := range []string{"NullPointerException: order.customer is null", "r-4711", "The answer, HTTP 422", "its first 4 KiB are kept", "&lt;script&gt;"} {
		require.Contains(t, page.body, text)
	}
	require.NotContains(t, page.body, "<script>alert")
	require.Contains(t, b.get("/console/dead").body, "NullPointerException: order.customer is null")
}

func TestTheEventsPageShowsWhyItWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept(1)
	b.operations.waiting = map[string]*api.Waits{"invoices": {Why: api.WaitReasonDestinationPaused, Text: "the destination billing is paused by anna", Since: &start}}
	b.enter("reader")
	require.Contains(t, b.get("/console/events/"+id(1)).body, "the destination billing is paused by anna, since <time")
}

func TestDeadLettersAreChosenByStatusAndError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept(1, refused("order.customer is null"))
	b.accept(2, refused("no such plan"))
	b.operations.overview.Totals.Counts.Dead = 2
	b.enter("writer")
	page := b.get("/console/dead?status=422&error=customer+is+null").body
	require.Contains(t, page, id(1))
	require.NotContains(t, page, id(2))
	require.Contains(t, page, `data-live>1 of 2</span>`, "the badge follows the filter")
	require.Contains(t, page, "all 1 that the filter finds")
	require.Contains(t, b.get("/console/dead").body, `data-live>2</span>`)
	require.Equal(t, http.StatusBadRequest, b.get("/console/dead?status=teapot").StatusCode)
	b.post("/console/dead", url.Values{"act": {"replay"}, "which": {"all"}, "status": {"422"}, "error": {"customer is null"}})
	asked := b.operations.asked[0].Filter
	require.Equal(t, 422, *asked.HttpStatus)
	require.Equal(t, "customer is null", *asked.Error)
}

func TestADestinationThatRefusesEverythingIsRed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	closed, none, text := api.Closed, 0.0, "order.customer is null"
	b.operations.breaker = &closed
	b.operations.health = &api.Health{
		State: api.HealthStateFailing, Attempts: 40, SuccessRate: &none, InUse: 3, Limit: 32,
		LastFailure: &api.Failure{At: start, Event: id(1), Route: "invoices", Reason: "rejected", Error: &text},
	}
	b.enter("reader")
	for _, path := range []string{"/console/", "/console/routes", "/console/routes/invoices", "/console/destinations"} {
		page := b.get(path).body
		require.Contains(t, page, `<span class="badge bad">failing</span>`, path)
		require.Contains(t, page, "order.customer is null", path)
	}
	require.Contains(t, b.get("/console/destinations").body, "3 of 32")
}

func TestTroubleComesFirstAndRoutesAreSearched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.operations.health = &api.Health{State: api.HealthStateOk}
	for i, state := range []api.HealthState{api.HealthStateIdle, api.HealthStateTroubled, api.HealthStateFailing, api.HealthStateNoDeliverer} {
		b.operations.routes = append(b.operations.routes, api.Route{Name: "route-" + string(rune('a'+i)), Health: &api.Health{State: state}})
	}
	b.enter("reader")
	for _, path := range []string{"/console/", "/console/routes"} {
		page := b.get(path).body
		last := 0
		for _, name := range []string{"route-c", "route-d", "route-b", "invoices", "route-a"} {
			at := strings.Index(page, `/console/routes/`+name+`"`)
			require.Greater(t, at, last, "%s on %s", name, path)
			last = at
		}
		found := b.get(path + "?find=ROUTE-b").body
		require.Contains(t, found, "/console/routes/route-b")
		require.NotContains(t, found, "/console/routes/route-a")
		require.Contains(t, b.get(path+"?find=nothing").body, "No route matches")
	}
}

func TestARouteIsPausedAloneAndTheDialogsSayWhatStops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	billing := "billing"
	b.operations.routes = []api.Route{{Name: "credits", Configured: true, Destination: &billing}}
	b.enter("writer")
	require.Contains(t, b.get("/console/routes/invoices").body, "These go on to the same destination: credits.")
	require.Contains(t, b.get("/console/destinations").body, "That stops every route to it: invoices.")
	b.post("/console/routes/invoices/pause", url.Values{"back": {"/console/routes/invoices"}})
	require.True(t, b.operations.paused["route/invoices"])
	require.False(t, b.operations.paused["billing"])
	page := b.get("/console/routes/invoices").body
	require.Contains(t, page, "Other routes to its destination go on.")
	require.Contains(t, page, `action="/console/routes/invoices/resume"`)
	b.post("/console/routes/invoices/resume", url.Values{"back": {"/console/routes/invoices"}})
	require.False(t, b.operations.paused["route/invoices"])
}

func TestThePageOfALargeEventIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happen(1, "invoice.paid", status.Delivered, "["+strings.Repeat(`{"a&<>":"<&>"},`, 300<<10)+"1]")
	b.enter("reader")
	for _, shape := range []string{"", "?as=raw", "?as=hex"} {
		page := b.get("/console/events/" + id(1) + shape)
		require.Equal(t, http.StatusOK, page.StatusCode)
		require.Less(t, len(page.body), 1<<20, shape)
		require.Contains(t, page.body, "@"+id(1), "the commands name the file to download")
	}
}

func TestTheRequestToTheDestinationIsOfferedAsACommandToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happen(1, "invoice.paid", status.Delivered, `{"a":1}`)
	b.enter("reader")
	page := b.get("/console/events/" + id(1)).body
	require.Contains(t, page, "Show the request to the destination of invoices")
	require.Contains(t, page, "https://billing.example/&#39;")
	require.Contains(t, page, "Penstock-Event-Id: "+id(1))
}
