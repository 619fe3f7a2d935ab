package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAnEventSaysWhyItWaitsAndUntilWhen(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	retrying := record(1, status.Retrying)
	retrying.Attempt, retrying.Reason, retrying.At, retrying.NextAt = 2, fault.ReasonTimeout, now, now.Add(time.Hour)
	postponed := record(1, status.Postponed)
	postponed.Attempt, postponed.At, postponed.NextAt = 0, now, now.Add(time.Minute)
	held := record(1, status.Held)
	held.At, held.Error = now.Add(time.Minute), "it waits behind event e7, which has the same ordering key"
	rate := held
	rate.Error = "handed back untried: the rate limit is reached"
	old := held
	old.At = now.Add(-time.Hour)
	open := control.Destination{Name: "billing", Breaker: "open", BreakerSince: now.Add(-time.Minute), RestingUntil: now.Add(10 * time.Second)}
	probe := open
	probe.RestingUntil = now.Add(5 * time.Second)
	closed := control.Destination{Name: "billing", Breaker: "closed"}
	resting := closed
	resting.RestingUntil = now.Add(time.Minute)
	served := amqpx.QueueState{Consumers: 1, Ready: 3}

	for name, tt := range map[string]struct {
		records []status.Record
		seen    []control.Destination // by a deliverer each
		queue   amqpx.QueueState
		pause   string // a path
		why     api.WaitReason
		text    string
		until   time.Time
	}{
		"queue":         {nil, []control.Destination{closed}, served, "", api.WaitReasonQueue, "it waits for its turn; 3 events wait in the queue of the route", time.Time{}},
		"destination":   {nil, []control.Destination{open}, served, "destinations/billing", api.WaitReasonDestinationPaused, "the destination billing is paused by writer", time.Time{}},
		"route":         {nil, []control.Destination{closed}, served, "routes/invoices", api.WaitReasonRoutePaused, "the route is paused by writer", time.Time{}},
		"no deliverer":  {[]status.Record{retrying}, nil, amqpx.QueueState{Ready: 1}, "", api.WaitReasonNoDeliverer, "no deliverer consumes the queue of the route", time.Time{}},
		"backoff":       {[]status.Record{retrying}, []control.Destination{open}, served, "", api.WaitReasonBackoff, "attempt 2 failed, and the next one is not due yet", retrying.NextAt},
		"delay":         {[]status.Record{postponed}, []control.Destination{closed}, served, "", api.WaitReasonDelay, "the route delays the first attempt, or the destination fails and gets no more attempts for now", postponed.NextAt},
		"breaker":       {nil, []control.Destination{open, probe}, served, "", api.WaitReasonBreakerOpen, "the breaker of the destination billing is open, because most attempts failed", probe.RestingUntil},
		"one goes on":   {nil, []control.Destination{open, closed}, served, "", api.WaitReasonQueue, "it waits for its turn; 3 events wait in the queue of the route", time.Time{}},
		"rests":         {nil, []control.Destination{resting}, served, "", api.WaitReasonDestinationRests, "the destination billing asked to be left alone", resting.RestingUntil},
		"behind":        {[]status.Record{held}, []control.Destination{closed}, served, "", api.WaitReasonHeld, held.Error, time.Time{}},
		"rate limit":    {[]status.Record{rate}, []control.Destination{closed}, served, "", api.WaitReasonHeld, "the rate limit is reached", time.Time{}},
		"held long ago": {[]status.Record{old}, []control.Destination{closed}, amqpx.QueueState{Consumers: 1}, "", api.WaitReasonQueue, "it waits for its turn", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for _, d := range tt.seen {
				b.fleet.reports = append(b.fleet.reports, control.Report{Instance: "a", At: now, Destinations: []control.Destination{d}})
			}
			b.fleet.queues = map[string]amqpx.QueueState{"penstock.route.invoices": tt.queue}
			b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices")}, Records: tt.records})
			if tt.pause != "" {
				var paused struct{ Paused bool }
				require.Equal(t, http.StatusOK, b.post("/api/v1/"+tt.pause+"/pause", "", &paused))
				require.True(t, paused.Paused)
			}
			var detail api.EventDetail
			require.Equal(t, http.StatusOK, b.get("/api/v1/events/"+id(1), &detail))
			waiting := detail.Event.Deliveries[0].Waiting
			require.NotNil(t, waiting)
			require.Equal(t, tt.why, waiting.Why)
			require.Equal(t, tt.text, waiting.Text)
			if tt.until.IsZero() {
				require.Nil(t, waiting.Until)
			} else {
				require.Equal(t, tt.until, *waiting.Until)
			}
		})
	}
}

func TestWhatIsFinishedWaitsForNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices")}, Records: []status.Record{record(1, status.Delivered)}})
	var detail api.EventDetail
	require.Equal(t, http.StatusOK, b.get("/api/v1/events/"+id(1), &detail))
	require.Nil(t, detail.Event.Deliveries[0].Waiting)
}

func TestTheAPIShowsWhyAnAttemptFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead := record(1, status.Dead)
	dead.Reason, dead.HTTPStatus, dead.Answer, dead.AnswerCut = fault.ReasonRejected, 422, []byte("NullPointerException:\n order.customer is null"), true
	dead.Fields = status.Fields{"X-Request-Id": "r-4711", "Server": "nginx"}
	failed := record(2, status.Dead)
	failed.Reason, failed.Error = fault.ReasonFilter, "filter: no such key: amount"
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices")}, Records: []status.Record{dead, failed}})
	var letters api.DeadLetterPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/dead-letters", &letters))
	require.Equal(t, "filter: no such key: amount", *letters.DeadLetters[0].Error)
	require.Equal(t, "NullPointerException: order.customer is null", *letters.DeadLetters[1].Error)
	var detail api.EventDetail
	require.Equal(t, http.StatusOK, b.get("/api/v1/events/"+id(1), &detail))
	require.Equal(t, "NullPointerException: order.customer is null", *detail.Event.Deliveries[0].Error)
	fact := detail.History[0]
	require.Equal(t, "NullPointerException: order.customer is null", *fact.Error)
	require.True(t, *fact.AnswerCut)
	require.Equal(t, []api.Header{{Name: "Server", Value: "nginx"}, {Name: "X-Request-Id", Value: "r-4711"}}, *fact.AnswerHeaders)
}
