package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// post sends a body with the token that may write, and reads the answer into out.
func (b *bench) post(path, body string, out any) int {
	b.t.Helper()
	return b.postAs("writer-secret", path, body, out)
}

func (b *bench) postAs(token, path, body string, out any) int {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, answer.Body.Close()) }()
	text := b.keeps(answer)
	require.NoError(b.t, json.NewDecoder(bytes.NewReader(text)).Decode(out), "%s", text)
	return answer.StatusCode
}

func TestAJobIsMadeListedAndCancelledAndTheAuditTellsOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var job api.Job
	asked := `{"kind": "replay", "filter": {"state": "dead", "route": "invoices", "type": "invoice.*"}, "ratePerSecond": 7}`
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/jobs", asked, &job))
	require.Equal(t, api.Waiting, job.State)
	require.Equal(t, "writer", job.By)
	require.Equal(t, 7, job.RatePerSecond)
	require.Equal(t, "invoice.*", *job.Filter.Type)
	require.Nil(t, job.Total)

	var second api.Job
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/jobs", `{"kind": "discard", "filter": {}, "all": true}`, &second))
	var page api.JobPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/jobs?limit=1", &page))
	require.Equal(t, second.Id, page.Jobs[0].Id)
	require.Equal(t, http.StatusOK, b.get("/api/v1/jobs?limit=1&cursor="+*page.Next, &page))
	require.Equal(t, []string{job.Id}, []string{page.Jobs[0].Id})

	var got api.Job
	require.Equal(t, http.StatusOK, b.post("/api/v1/jobs/"+job.Id+"/cancel", "", &got))
	require.Equal(t, api.Cancelled, got.State)
	require.NotNil(t, got.EndedAt)
	var problem api.Problem
	require.Equal(t, http.StatusConflict, b.post("/api/v1/jobs/"+job.Id+"/cancel", "", &problem))
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/jobs/none/cancel", "", &problem))
	require.Equal(t, http.StatusNotFound, b.get("/api/v1/jobs/none", &problem))

	var audit api.AuditPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit", &audit))
	var done []string
	for _, e := range audit.Entries {
		done = append(done, e.By+" "+e.Action)
	}
	require.Equal(t, []string{"writer cancel", "writer discard", "writer replay"}, done)
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit?limit=2", &audit))
	var rest api.AuditPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit?limit=2&cursor="+*audit.Next, &rest))
	require.Equal(t, job.Id, rest.Entries[0].Target)
	require.Contains(t, *rest.Entries[0].Detail, "invoice.*")
	require.Nil(t, rest.Next)
}

func TestAJobSaysInOneOfAFewWordsWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var job api.Job
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/jobs", `{"kind": "discard", "filter": {}, "all": true}`, &job))
	require.Nil(t, job.Error)
	for _, trouble := range store.Troubles() {
		require.NoError(t, b.store.SaveJob(t.Context(), job.Id, store.Progress{Trouble: trouble}))
		require.Equal(t, http.StatusOK, b.get("/api/v1/jobs/"+job.Id, &job))
		require.Equal(t, string(trouble), string(*job.Error))
		require.True(t, job.Error.Valid())
	}
}

func TestOneEventIsReplayedOrDiscardedByAJobOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices")}, Records: []status.Record{record(1, status.Dead)}})
	var job api.Job
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/events/"+id(1)+"/replay", `{"route": "invoices"}`, &job))
	require.Equal(t, []string{id(1)}, *job.Filter.Ids)
	require.Equal(t, "invoices", *job.To)
	require.Equal(t, http.StatusAccepted, b.post("/api/v1/events/"+id(1)+"/discard", `{}`, &job))
	require.Equal(t, api.Discard, job.Kind)
	var problem api.Problem
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/events/none/replay", `{}`, &problem))
}

func TestAJobThatCannotBeMeantIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	many := `"` + strings.Repeat(`x","`, 1000) + `x"`
	for body, want := range map[string]string{
		`{"kind": "replay", "filter": {}}`:                                                             "set all to true",
		`{"kind": "delete", "filter": {"source": "shop"}}`:                                             "kind",
		`{"kind": "replay", "filter": {"state": "lost"}}`:                                              "state",
		`{"kind": "replay", "filter": {"ids": [` + many + `]}}`:                                        "ids",
		`{"kind": "replay", "filter": {"ids": [""]}}`:                                                  "ids",
		`{"kind": "replay", "filter": {"source": "a\u0000b"}}`:                                         "zero byte",
		`{"kind": "replay", "filter": {"source": "` + strings.Repeat("x", 300) + `"}}`:                 "255",
		`{"kind": "replay", "filter": {"source": "shop"}, "to": "nowhere"}`:                            "nowhere",
		`{"kind": "replay", "filter": {"route": "nowhere"}}`:                                           "nowhere",
		`{"kind": "replay", "filter": {"source": "shop"}, "ratePerSecond": 0}`:                         "ratePerSecond",
		`{"kind": "replay", "filter": {"source": "shop"}, "ratePerSecond": 1e9}`:                       "ratePerSecond",
		`{"kind": "discard", "filter": {"state": "delivered"}}`:                                        "dead letters",
		`{"kind": "discard", "filter": {"source": "shop"}, "to": "invoices"}`:                          "leads nowhere",
		`{"kind": "replay", "filter": {"sauce": "shop"}}`:                                              "sauce",
		`{"kind": "replay", "filter": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}`: "filter.to",
		`{"kind": "replay"} {}`: "follows",
		`[]`:                    "body",
		`{"kind"`:               "body",
	} {
		var problem api.Problem
		require.Equal(t, http.StatusBadRequest, b.post("/api/v1/jobs", body, &problem), body)
		require.Contains(t, *problem.Detail, want, body)
	}
	var problem api.Problem
	require.Equal(t, http.StatusRequestEntityTooLarge, b.post("/api/v1/jobs", `{"kind": "`+strings.Repeat("x", 300<<10)+`"}`, &problem))
	require.Equal(t, http.StatusUnsupportedMediaType, b.post("/api/v1/jobs", "", &problem))
	var page api.JobPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/jobs", &page))
	require.Empty(t, page.Jobs)
}

func TestOnlyATokenThatMayWriteChangesAnything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices")}})
	for _, path := range []string{
		"/api/v1/jobs", "/api/v1/jobs/x/cancel", "/api/v1/events/" + id(1) + "/replay", "/api/v1/events/" + id(1) + "/discard",
		"/api/v1/destinations/billing/pause", "/api/v1/destinations/billing/resume",
	} {
		var problem api.Problem
		require.Equal(t, http.StatusForbidden, b.postAs("reader-secret", path, `{"kind": "discard", "filter": {"source": "shop"}}`, &problem), path)
	}
	var me api.Me
	require.Equal(t, http.StatusOK, b.get("/api/v1/me", &me))
	require.Equal(t, api.Me{Name: "reader", Scopes: []api.TokenScope{api.Read}}, me)
}

func TestDeadLettersAreListedEachWithItsRoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := record(1, status.Dead), record(2, status.Dead)
	one.Reason, two.Reason, two.Route = fault.ReasonGone, fault.ReasonTimeout, "other"
	b.apply(store.Batch{
		Accepted: []store.Accepted{accepted(1, "invoices", "other"), accepted(2, "other"), accepted(3, "invoices")},
		Records:  []status.Record{one, two},
	})
	list := func(query string) (all []string) {
		var page api.DeadLetterPage
		require.Equal(t, http.StatusOK, b.get("/api/v1/dead-letters"+query, &page))
		for _, d := range page.DeadLetters {
			all = append(all, d.Event+" "+d.Route+" "+*d.Reason)
		}
		return all
	}
	require.Equal(t, []string{id(2) + " other timeout", id(1) + " invoices gone"}, list(""))
	require.Equal(t, []string{id(1) + " invoices gone"}, list("?route=invoices"))
	require.Equal(t, []string{id(2) + " other timeout"}, list("?reason=timeout"))
	var count api.EventCount
	require.Equal(t, http.StatusOK, b.get("/api/v1/events/count?state=dead", &count))
	require.Equal(t, api.EventCount{Count: 2, Complete: true}, count)
}
