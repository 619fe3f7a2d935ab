package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestEventsAreListedInPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead := record(2, status.Dead)
	dead.Reason, dead.LastReason, dead.HTTPStatus = fault.ReasonMaxAttempts, fault.ReasonServerError, 503
	b.apply(store.Batch{
		Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices"), accepted(3)}, Records: []status.Record{dead},
	})
	var page api.EventPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/events?limit=2", &page))
	require.Len(t, page.Events, 2)
	require.Equal(t, id(3), page.Events[0].Id)
	require.Empty(t, page.Events[0].Deliveries)
	e := page.Events[1]
	require.Equal(t, "shop", e.Source)
	require.Equal(t, "p2", *e.ProviderId)
	require.Equal(t, start.Add(2*time.Second), e.ReceivedAt)
	require.True(t, e.Archived)
	require.Equal(t, api.Dead, e.Deliveries[0].State)
	require.Equal(t, "max-attempts", *e.Deliveries[0].Reason)
	require.Equal(t, "server-error", *e.Deliveries[0].LastReason)
	require.Equal(t, 503, *e.Deliveries[0].HttpStatus)

	var rest api.EventPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/events?limit=2&cursor="+*page.Next, &rest))
	require.Len(t, rest.Events, 1)
	require.Equal(t, id(1), rest.Events[0].Id)
	require.Nil(t, rest.Next)
}

func TestEventsAreFoundByWhatIsAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := accepted(3)
	other.Source, other.Type = "quiet", "ping"
	b.apply(store.Batch{
		Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices"), other}, Records: []status.Record{record(2, status.Dead)},
	})
	for query, want := range map[string][]string{
		"source=shop":                         {id(2), id(1)},
		"type=invoice.*":                      {id(2), id(1)},
		"state=dead":                          {id(2)},
		"state=pending&route=invoices":        {id(1)},
		"state=unrouted":                      {id(3)},
		"providerId=p1":                       {id(1)},
		"from=2025-11-24T16:00:03Z":           {id(3)},
		"to=2025-11-24T16:00:02Z&source=shop": {id(1)},
		"route=none":                          {},
	} {
		var page api.EventPage
		require.Equal(t, http.StatusOK, b.get("/api/v1/events?"+query, &page), query)
		got := []string{}
		for _, e := range page.Events {
			got = append(got, e.Id)
		}
		require.Equal(t, want, got, query)
	}
}

func TestAnEventShowsItsHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := record(1, status.Retrying)
	failed.Took, failed.NextAt, failed.Reason = 12*time.Millisecond, start.Add(time.Hour), fault.ReasonServerError
	failed.HTTPStatus, failed.Answer = 503, []byte("zu früh\x00\xff")
	long := record(1, status.Delivered)
	long.HTTPStatus, long.Answer = 200, []byte("x" + strings.Repeat("é", status.MaxAnswer/2))[:status.MaxAnswer]
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices")}, Records: []status.Record{failed, long}})
	var detail api.EventDetail
	require.Equal(t, http.StatusOK, b.get("/api/v1/events/"+id(1), &detail))
	require.Equal(t, api.Delivered, detail.Event.Deliveries[0].State)
	require.Len(t, detail.History, 2)
	require.Equal(t, "retrying", detail.History[0].Kind)
	require.EqualValues(t, 12, *detail.History[0].TookMs)
	require.Equal(t, "server-error", *detail.History[0].Reason)
	require.Equal(t, 503, *detail.History[0].HttpStatus)
	require.Equal(t, "zu früh\x00\uFFFD", *detail.History[0].Answer)
	require.Equal(t, start.Add(time.Hour), *detail.History[0].NextAttemptAt)
	require.Equal(t, "delivered", detail.History[1].Kind)
	require.Equal(t, "x"+strings.Repeat("é", status.MaxAnswer/2-1), *detail.History[1].Answer, "not with half a character at its end")
}

func TestThePayloadComesByteForByteAndCredentialsDoNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := []byte("{\"a\":1}\r\n\x00\xff")
	b.archive[1] = &event.Event{ID: id(1), Source: "shop", Body: body, Request: event.Request{
		Method: "POST", Path: "/in/shop", Query: "a=1", RemoteAddr: "203.0.113.7", Header: []event.Field{
			{Name: "Content-Type", Value: "application/json; charset=utf-8"}, {Name: "X-Partner-Key", Value: "hunter2"},
			{Name: "Authorization", Value: "Basic hunter2"}, {Name: "Stripe-Signature", Value: "t=1"},
		},
	}}
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1), accepted(2)}})

	answer := b.ask(t.Context(), http.MethodGet, "/api/v1/events/"+id(1)+"/payload", "reader-secret") //nolint:bodyclose // ask closes it
	got, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, body, got)
	require.Equal(t, "application/octet-stream", answer.Header.Get("Content-Type"))
	require.Equal(t, "application/json; charset=utf-8", answer.Header.Get("Penstock-Content-Type"))
	require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))

	var request api.Request
	require.Equal(t, http.StatusOK, b.get("/api/v1/events/"+id(1)+"/request", &request))
	require.Equal(t, api.Request{
		Method: "POST", Path: "/in/shop", Query: "a=1", RemoteAddress: "203.0.113.7", Headers: []api.Header{
			{Name: "Content-Type", Value: "application/json; charset=utf-8"}, {Name: "X-Partner-Key", Value: "[redacted]"},
			{Name: "Authorization", Value: "[redacted]"}, {Name: "Stripe-Signature", Value: "t=1"},
		},
	}, request)

	var problem api.Problem
	require.Equal(t, http.StatusGone, b.get("/api/v1/events/"+id(2)+"/payload", &problem))
}

func TestSourcesAndRoutesAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := accepted(3, "gone")
	old.Source = "left"
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2), old}, Records: []status.Record{record(1, status.Delivered)}})
	var sources api.SourceList
	require.Equal(t, http.StatusOK, b.get("/api/v1/sources", &sources))
	stripe, last, running := "stripe", start.Add(2*time.Second), false
	require.Equal(t, []api.Source{
		{Name: "left", Path: "/in/left", Accepted: 1, LastEventAt: &old.ReceivedAt, Refusals: []api.Refusal{}},
		{Name: "quiet", Path: "/in/quiet", Configured: true, Open: true, Refusals: []api.Refusal{}},
		{Name: "shop", Path: "/in/shop", Configured: true, Provider: &stripe, Accepted: 2, Unrouted: 1, LastEventAt: &last, Refusals: []api.Refusal{}},
	}, sources.Sources)
	var routes api.RouteList
	require.Equal(t, http.StatusOK, b.get("/api/v1/routes", &routes))
	billing := "billing"
	idle := &api.Health{State: api.HealthStateIdle}
	require.Equal(t, []api.Route{
		{Name: "gone", Health: idle, Counts: api.Counts{Pending: 1}, OldestWaitingAt: &old.ReceivedAt},
		{Name: "invoices", Health: idle, Configured: true, Destination: &billing, Bindings: &[]string{"shop.invoice.*"}, Rules: &api.RouteRules{}, Counts: api.Counts{Delivered: 1}, Paused: &running},
	}, routes.Routes)
}

func TestASourceShowsWhatTheGatewaysRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	require.NoError(t, b.store.AddRefusals(t.Context(), refusal.Report{Instance: "one", Number: 1, At: now, Counts: []refusal.Count{
		{Source: "shop", Reason: "too-large", N: 1, LastAt: now}, {Source: "shop", Reason: "signature", N: 3, LastAt: now},
		{Source: "shop", Reason: "stale", N: 9, LastAt: now.Add(-30 * time.Hour)}, {Source: "nobody", Reason: "signature", N: 1, LastAt: now},
	}}))
	var s api.Source
	require.Equal(t, http.StatusOK, b.get("/api/v1/sources/shop", &s))
	require.Equal(t, []api.Refusal{{Reason: "signature", Count: 3, LastAt: now}, {Reason: "too-large", Count: 1, LastAt: now}}, s.Refusals)
	var all api.SourceList
	require.Equal(t, http.StatusOK, b.get("/api/v1/sources", &all))
	require.Len(t, all.Sources, 2, "a source that nobody configured does not appear by being refused")
}

func TestTrafficAndGapsAreShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	recent := record(1, status.Delivered)
	recent.At = time.Now()
	gap := store.Gap{Stream: "penstock.archive", From: 3, To: 9, Reason: "truncated", At: start}
	b.apply(store.Batch{Records: []status.Record{recent}, Gaps: []store.Gap{gap}})
	var traffic api.TrafficList
	require.Equal(t, http.StatusOK, b.get("/api/v1/traffic", &traffic))
	require.Len(t, traffic.Traffic, 1)
	require.Equal(t, "delivered", traffic.Traffic[0].Kind)
	require.EqualValues(t, 1, traffic.Traffic[0].Count)
	var gaps api.GapList
	require.Equal(t, http.StatusOK, b.get("/api/v1/gaps", &gaps))
	require.Equal(t, []api.Gap{{Stream: "penstock.archive", From: 3, To: 9, Reason: "truncated", At: start}}, gaps.Gaps)
	var problem api.Problem
	require.Equal(t, http.StatusBadRequest, b.get("/api/v1/traffic?since=2020-01-01T00:00:00Z", &problem))
}

func TestAMistakeIsAProblemThatSaysWhatToMend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/api/v1/events?cursor=x":                                {400, "invalid"},
		"/api/v1/events?limit=0":                                 {400, "invalid"},
		"/api/v1/events?limit=many":                              {400, "invalid"},
		"/api/v1/events?state=lost":                              {400, "invalid"},
		"/api/v1/events?from=monday":                             {400, "invalid"},
		"/api/v1/events?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": {400, "invalid"},
		"/api/v1/events?limit=99999999999999999999":              {400, "invalid"},
		"/api/v1/events?limit=-1":                                {400, "invalid"},
		"/api/v1/events?source=a%00b":                            {400, "invalid"},
		"/api/v1/events?type=%ff":                                {400, "invalid"},
		"/api/v1/events/%00":                                     {400, "invalid"},
		"/api/v1/events?source=" + strings.Repeat("x", 300):      {400, "invalid"},
		"/api/v1/jobs?limit=501":                                 {400, "invalid"},
		"/api/v1/audit?cursor=x":                                 {400, "invalid"},
		"/api/v1/audit?cursor=-5":                                {400, "invalid"},
		"/api/v1/events/none":                                    {404, "not-found"},
		"/api/v1/events/none/payload":                            {404, "not-found"},
		"/api/v1/nothing":                                        {404, "not-found"},
		"/":                                                      {404, "not-found"},
	} {
		var problem api.Problem
		require.Equal(t, want.status, b.get(path, &problem), path)
		require.Equal(t, want.status, problem.Status)
		require.True(t, strings.HasSuffix(problem.Type, "#"+want.kind), "%s %s", path, problem.Type)
	}
	answer := b.ask(t.Context(), http.MethodDelete, "/api/v1/events", "writer-secret") //nolint:bodyclose // ask closes it
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	require.Equal(t, "application/problem+json", answer.Header.Get("Content-Type"))
}

func TestALiveListShowsWhatIsNew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	answer := b.ask(ctx, http.MethodGet, "/api/v1/events/stream?state=dead", "reader-secret") //nolint:bodyclose // ask closes it
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	lines := bufio.NewScanner(answer.Body)
	next := func() (page api.EventPage) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				require.NoError(t, json.Unmarshal([]byte(data), &page))
				return page
			}
		}
		require.Fail(t, "the stream ended", "%v", lines.Err())
		return page
	}
	require.Empty(t, next().Events)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices")}, Records: []status.Record{record(1, status.Dead)}})
	page := next()
	require.Len(t, page.Events, 1)
	require.Equal(t, id(1), page.Events[0].Id)
	b.apply(store.Batch{Records: []status.Record{record(2, status.Dead)}})
	require.Len(t, next().Events, 2)
}

func TestStoppingEndsWhatIsWatched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	answer := b.ask(t.Context(), http.MethodGet, "/api/v1/events/stream", "reader-secret") //nolint:bodyclose // ask closes it
	require.Equal(t, http.StatusOK, answer.StatusCode)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, b.server.Close(ctx))
	_, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
}
