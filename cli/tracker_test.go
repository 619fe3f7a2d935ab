package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/penstock/penstock/pkg/trackerclient"
)

// TestTrackerScripts runs the commands that ask a tracker, against one that answers
// what its OpenAPI document says, see testdata/tracker.
func TestTrackerScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/tracker",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await,
		},
		Setup: func(e *testscript.Env) error {
			server := httptest.NewServer(newFakeTracker())
			e.Defer(server.Close)
			e.Setenv("NO_COLOR", "1")
			e.Setenv("PENSTOCK_API_URL", server.URL)
			return nil
		},
	})
}

// fakeTracker answers as a tracker with two events, one dead letter, and a job that
// takes a while.
type fakeTracker struct {
	http.ServeMux
	asked atomic.Int32 // how often for the job
}

const (
	firstEvent  = "019a0000-0000-7000-8000-000000000001"
	secondEvent = "019a0000-0000-7000-8000-000000000002"
)

func newFakeTracker() *fakeTracker {
	f := new(fakeTracker)
	f.json("GET /api/v1/events", func(r *http.Request) any { return eventPage(r) })
	f.HandleFunc("GET /api/v1/events/stream", stream)
	f.json("GET /api/v1/events/count", func(*http.Request) any { return trackerclient.EventCount{Count: 12345, Complete: true} })
	f.json("GET /api/v1/events/"+firstEvent, func(*http.Request) any {
		return trackerclient.EventDetail{Event: waitingEvent(), History: facts()}
	})
	f.json("GET /api/v1/events/"+firstEvent+"/request", func(*http.Request) any {
		return trackerclient.Request{
			Method: "POST", Path: "/in/shop", Query: "a=1", RemoteAddress: "203.0.113.9",
			Headers: []trackerclient.Header{{Name: "x-escape", Value: "\x1b[2J"}},
		}
	})
	f.HandleFunc("GET /api/v1/events/"+firstEvent+"/payload", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"amount": 1}`)
	})
	f.json("GET /api/v1/dead-letters", func(*http.Request) any { return deadLetters() })
	f.json("GET /api/v1/routes", func(*http.Request) any { return trackerclient.RouteList{Routes: []trackerclient.Route{route()}} })
	f.json("GET /api/v1/routes/billing", func(*http.Request) any { return route() })
	f.json("POST /api/v1/routes/billing/resume", func(*http.Request) any { return route() })
	f.json("POST /api/v1/routes/billing/pause", func(*http.Request) any {
		r, by, paused := route(), "ops", true
		r.Paused, r.Pause = &paused, &trackerclient.Pause{At: time.Now().Add(-time.Minute), By: &by}
		return r
	})
	f.destinations()
	f.jobs()
	var ledgers atomic.Int64 // the third and the fourth answer are too old, the fifth is before the first look, the sixth after a loss of records
	f.json("GET /api/v1/ledger", func(*http.Request) any {
		switch ledgers.Add(1) {
		case 3, 4:
			return trackerclient.Ledger{AsOf: time.Now().Add(-3 * time.Minute)}
		case 5:
			return trackerclient.Ledger{}
		case 6:
			return trackerclient.Ledger{AsOf: time.Now(), Known: true, Uncertain: 7}
		}
		return trackerclient.Ledger{AsOf: time.Now(), Known: true, Unaccounted: 2, Entries: []trackerclient.LedgerEntry{{Source: "shop", Route: "billing", Accepted: 1002, Delivered: 1000, Unaccounted: 2}}}
	})
	f.json("GET /api/v1/ledger/missing", func(*http.Request) any {
		return trackerclient.MissingPage{Missing: []trackerclient.Missing{{Event: firstEvent, Route: "billing", State: trackerclient.Pending, Source: "shop", Type: "order"}}}
	})
	f.incidents()
	f.json("GET /api/v1/audit", func(*http.Request) any {
		return trackerclient.AuditPage{Entries: []trackerclient.AuditEntry{{Action: "pause", By: "ops", Target: "billing"}}}
	})
	f.json("GET /api/v1/sources", func(*http.Request) any { return trackerclient.SourceList{Sources: []trackerclient.Source{source()}} })
	f.json("GET /api/v1/sources/shop", func(*http.Request) any { return source() })
	return f
}

// json answers with what the function returns, and refuses who has no token.
func (f *fakeTracker) json(pattern string, answer func(*http.Request) any) {
	f.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body := answer(r)
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			body = trackerclient.Problem{Type: "x#unauthorized", Title: "Unauthorized", Status: http.StatusUnauthorized}
		} else if _, started := body.(trackerclient.Job); started && r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/cancel") {
			w.WriteHeader(http.StatusAccepted)
		}
		_ = json.NewEncoder(w).Encode(body)
	})
}

func (f *fakeTracker) destinations() {
	paused := func(is bool) func(*http.Request) any {
		return func(*http.Request) any {
			url := "https://billing.example/hooks"
			return trackerclient.Destination{
				Name: "billing", Configured: true, Url: &url, Routes: []string{"billing"}, Paused: is,
				Deliverers: []trackerclient.Deliverer{{Instance: "pod-1", Breaker: trackerclient.Closed, InUse: 3, Limit: 32}},
			}
		}
	}
	f.json("GET /api/v1/destinations", func(r *http.Request) any {
		one, _ := paused(false)(r).(trackerclient.Destination)
		return trackerclient.DestinationList{Destinations: []trackerclient.Destination{one}}
	})
	f.json("GET /api/v1/destinations/billing", paused(false))
	f.json("POST /api/v1/destinations/billing/pause", paused(true))
	f.json("POST /api/v1/destinations/billing/resume", paused(false))
}

// incidents are one that is open, and what can be done to it.
func (f *fakeTracker) incidents() {
	shape, answer, name, route := "order # has no customer", "order 4711 has no customer", "ops", "billing"
	one := trackerclient.Incident{
		Id: "5f0c3b1a2d4e6f70", Kind: "delivery-failing", Severity: trackerclient.SeverityCritical, State: trackerclient.IncidentOpen,
		Title: "Deliveries of route billing fail: rejected, HTTP 422", Cause: "The destination refuses what it is sent.", Route: &route,
		Shape: &shape, Answer: &answer, Failures: 2561, Events: 2561, Dead: 2561, FirstAt: time.Now().Add(-time.Hour), LastAt: time.Now(), Samples: []string{firstEvent},
	}
	f.json("GET /api/v1/incidents", func(r *http.Request) any {
		if r.URL.Query().Get("state") == "resolved" {
			return trackerclient.IncidentPage{Incidents: []trackerclient.Incident{}}
		}
		return trackerclient.IncidentPage{Incidents: []trackerclient.Incident{one}}
	})
	f.json("GET /api/v1/incidents/"+one.Id, func(*http.Request) any {
		return trackerclient.IncidentDetail{Incident: one, History: []trackerclient.IncidentChange{{At: time.Now(), Change: trackerclient.ChangeOpened}}}
	})
	acted := func(state trackerclient.IncidentState, muted bool) func(*http.Request) any {
		return func(*http.Request) any {
			changed := one
			changed.State, changed.Muted, changed.By = state, muted, &name
			return changed
		}
	}
	f.json("POST /api/v1/incidents/"+one.Id+"/acknowledge", acted(trackerclient.IncidentAcknowledged, false))
	f.json("POST /api/v1/incidents/"+one.Id+"/mute", acted(trackerclient.IncidentOpen, true))
	f.json("POST /api/v1/incidents/"+one.Id+"/resolve", acted(trackerclient.IncidentResolved, false))
	for _, act := range []string{"replay", "discard"} {
		f.json("POST /api/v1/incidents/"+one.Id+"/"+act, func(*http.Request) any { return job(trackerclient.Waiting, 0) })
	}
	f.json("POST /api/v1/channels/oncall/test", func(*http.Request) any { return trackerclient.ChannelTest{Channel: "oncall", Kind: "pagerduty"} })
	problem := "the channel answered HTTP 500"
	f.json("GET /api/v1/notices", func(*http.Request) any {
		return trackerclient.NoticePage{Notices: []trackerclient.Notice{{Id: 7, Channel: "oncall", State: trackerclient.NoticeWaiting, Changes: 3, Attempts: 2, MadeAt: time.Now(), Problem: &problem}}}
	})
}

// jobs are done when they were asked for twice; the one called endless never is.
func (f *fakeTracker) jobs() {
	f.json("POST /api/v1/jobs", func(r *http.Request) any {
		var wanted trackerclient.JobRequest
		_ = json.NewDecoder(r.Body).Decode(&wanted)
		j := job(trackerclient.Waiting, 0)
		j.Kind, j.Filter = wanted.Kind, wanted.Filter
		if wanted.Filter.Route != nil && *wanted.Filter.Route == "endless" {
			j.Id = "endless"
		}
		return j
	})
	f.json("GET /api/v1/jobs/endless", func(*http.Request) any { return job(trackerclient.Running, 3) })
	f.json("POST /api/v1/jobs/endless/cancel", func(*http.Request) any { return job(trackerclient.Cancelled, 3) })
	f.json("GET /api/v1/jobs/job-1", func(*http.Request) any {
		if f.asked.Add(1) < 2 {
			return job(trackerclient.Running, 4)
		}
		return job(trackerclient.Done, 10)
	})
	f.json("GET /api/v1/jobs", func(*http.Request) any {
		return trackerclient.JobPage{Jobs: []trackerclient.Job{job(trackerclient.Done, 10)}}
	})
}

func job(state trackerclient.JobState, done int64) trackerclient.Job {
	total := int64(10)
	route := "billing"
	return trackerclient.Job{
		Id: "job-1", Kind: trackerclient.Replay, State: state, Done: done, Total: &total, By: "ops",
		Filter: trackerclient.Filter{Route: &route}, CreatedAt: time.Now(),
	}
}

func events() []trackerclient.Event {
	reason, status := "http-500", http.StatusInternalServerError
	now := time.Now()
	return []trackerclient.Event{
		{Id: secondEvent, Source: "shop", Type: "order.paid", ReceivedAt: now.Add(-time.Minute), Deliveries: []trackerclient.Delivery{
			{Route: "audit", State: trackerclient.Delivered, Attempts: 1}, {Route: "billing", State: trackerclient.Retrying, Attempts: 2, Reason: &reason, HttpStatus: &status},
		}},
		{Id: firstEvent, Source: "shop", Type: "order.placed", ReceivedAt: now.Add(-time.Hour), Size: 2048, Archived: true, Deliveries: []trackerclient.Delivery{
			{Route: "billing", State: trackerclient.Delivered, Attempts: 3},
		}},
	}
}

// waitingEvent is the first one with another delivery, which waits.
func waitingEvent() trackerclient.Event {
	now, probe := time.Now(), time.Now().Add(10*time.Second)
	e := events()[1]
	e.Deliveries = append(e.Deliveries, trackerclient.Delivery{Route: "crm", State: trackerclient.Pending, Waiting: &trackerclient.Waits{
		Why: trackerclient.WaitReasonBreakerOpen, Text: "the breaker of the destination crm is open", Since: &now, Until: &probe,
	}})
	return e
}

// eventPage has one event a page.
func eventPage(r *http.Request) trackerclient.EventPage {
	if r.URL.Query().Get("route") == "empty" {
		return trackerclient.EventPage{Events: []trackerclient.Event{}}
	}
	next := "second"
	if r.URL.Query().Get("cursor") == next {
		return trackerclient.EventPage{Events: events()[1:]}
	}
	return trackerclient.EventPage{Events: events()[:1], Next: &next}
}

func facts() []trackerclient.Fact {
	attempt, took, reason, status, isCut := 3, int64(1250), "http-500", http.StatusInternalServerError, true
	summary, answer := "NullPointerException: order.customer is null", "NullPointerException:\n  order.customer is \x1b[1mnull"
	return []trackerclient.Fact{
		{
			Route: "billing", Kind: "retrying", At: time.Now(), Reason: &reason, HttpStatus: &status, Error: &summary, Answer: &answer, AnswerCut: &isCut,
			AnswerHeaders: &[]trackerclient.Header{{Name: "X-Request-Id", Value: "r-4711"}},
		},
		{Route: "billing", Kind: "delivered", At: time.Now(), Attempt: &attempt, TookMs: &took},
	}
}

func deadLetters() trackerclient.DeadLetterPage {
	reason, last, status, summary := "exhausted", "http-500", http.StatusInternalServerError, "order.customer is null"
	return trackerclient.DeadLetterPage{DeadLetters: []trackerclient.DeadLetter{{
		Event: firstEvent, Source: "shop", Type: "order.placed", Route: "billing", Attempts: 15, Reason: &reason, LastReason: &last,
		HttpStatus: &status, Error: &summary, Since: time.Now().Add(-50 * time.Hour),
	}}}
}

func health() *trackerclient.Health {
	success, median, slow, status, text := 0.0, 12.0, 340.0, http.StatusUnprocessableEntity, "order.customer is null"
	return &trackerclient.Health{
		State: trackerclient.HealthStateFailing, Attempts: 40, SuccessRate: &success, P50Ms: &median, P99Ms: &slow,
		LastFailure: &trackerclient.Failure{At: time.Now().Add(-5 * time.Minute), Event: firstEvent, Route: "billing", Reason: "rejected", HttpStatus: &status, Error: &text},
	}
}

func route() trackerclient.Route {
	oldest, destination := time.Now().Add(-90*time.Minute), "billing"
	return trackerclient.Route{
		Name: "billing", Configured: true, Destination: &destination, OldestWaitingAt: &oldest,
		Health:  health(),
		Backlog: &trackerclient.Backlog{Ready: 1234, Consumers: 2}, Counts: trackerclient.Counts{Dead: 7, Retrying: 3},
	}
}

func source() trackerclient.Source {
	return trackerclient.Source{
		Name: "shop", Configured: true, Open: true, Path: "/in/shop", Accepted: 4321,
		Refusals: []trackerclient.Refusal{{Reason: "mismatch", Count: 5, LastAt: time.Now()}},
	}
}

// stream sends a page, another one, and breaks off.
func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, page := range []trackerclient.EventPage{{Events: events()[1:]}, {Events: events()}} {
		text, err := json.Marshal(page)
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintf(w, "event: page\ndata: %s\n\n", text)
		_ = http.NewResponseController(w).Flush()
	}
	if strings.Contains(r.URL.RawQuery, "endless") {
		<-r.Context().Done()
	}
}
