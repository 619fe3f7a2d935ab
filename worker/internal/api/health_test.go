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

func TestHealthIsWhatBecameOfTheAttempts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		delivered, dead, retrying int
		breaker                   string
		consumers                 int
		want                      api.HealthState
	}{
		"nothing happened":         {0, 0, 0, "closed", 1, api.HealthStateIdle},
		"all is delivered":         {40, 0, 0, "closed", 1, api.HealthStateOk},
		"everything is refused":    {0, 40, 0, "closed", 1, api.HealthStateFailing},
		"some is given up":         {99, 1, 0, "closed", 1, api.HealthStateTroubled},
		"a few attempts fail":      {97, 0, 3, "closed", 1, api.HealthStateOk},
		"many attempts fail":       {80, 0, 20, "closed", 1, api.HealthStateTroubled},
		"most attempts fail":       {1, 0, 20, "closed", 1, api.HealthStateFailing},
		"the breaker is open":      {40, 0, 0, "open", 1, api.HealthStateFailing},
		"nothing takes the events": {40, 0, 0, "closed", 0, api.HealthStateNoDeliverer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fleet.queues = map[string]amqpx.QueueState{"penstock.route.invoices": {Consumers: tt.consumers}, "penstock.dead.invoices": {}}
			if tt.consumers > 0 {
				b.fleet.reports = []control.Report{{Instance: "a", At: time.Now(), Destinations: []control.Destination{{Name: "billing", Breaker: tt.breaker, InUse: 2, Limit: 8}}}}
			}
			var batch store.Batch
			n := int64(0)
			for kind, count := range map[status.Kind]int{status.Delivered: tt.delivered, status.Dead: tt.dead, status.Retrying: tt.retrying} {
				for range count {
					n++
					r := record(n, kind)
					r.At, r.Took = time.Now(), 100*time.Millisecond
					if kind != status.Delivered {
						r.Reason, r.HTTPStatus, r.Answer = fault.ReasonRejected, 422, []byte("no such plan")
					}
					batch.Accepted, batch.Records = append(batch.Accepted, accepted(n, "invoices")), append(batch.Records, r)
				}
			}
			b.apply(batch)
			var route api.Route
			require.Equal(t, http.StatusOK, b.get("/api/v1/routes/invoices", &route))
			var destination api.Destination
			require.Equal(t, http.StatusOK, b.get("/api/v1/destinations/billing", &destination))
			for _, h := range []*api.Health{route.Health, destination.Health} {
				require.Equal(t, tt.want, h.State)
				require.EqualValues(t, tt.delivered+tt.dead+tt.retrying, h.Attempts)
				if h.Attempts > 0 {
					require.InDelta(t, float64(tt.delivered)/float64(h.Attempts), *h.SuccessRate, 1e-9)
					require.InDelta(t, 100, *h.P50Ms, 25)
					require.InDelta(t, 100, *h.P99Ms, 35)
				}
				if tt.dead+tt.retrying > 0 {
					require.Equal(t, "no such plan", *h.LastFailure.Error)
					require.Equal(t, 422, *h.LastFailure.HttpStatus)
				}
				if tt.consumers > 0 {
					require.Equal(t, []int{2, 8}, []int{h.InUse, h.Limit})
				}
			}
		})
	}
}

func TestARouteIsPausedAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var route api.Route
	require.Equal(t, http.StatusOK, b.post("/api/v1/routes/invoices/pause", "", &route))
	require.True(t, *route.Paused)
	require.Equal(t, "writer", *route.Pause.By)
	require.Equal(t, api.HealthStatePaused, route.Health.State)
	require.Contains(t, b.fleet.told[0], `"paused":[],"routes":["invoices"]`)
	var destination api.Destination
	require.Equal(t, http.StatusOK, b.get("/api/v1/destinations/billing", &destination))
	require.False(t, destination.Paused)
	var resumed api.Route
	require.Equal(t, http.StatusOK, b.post("/api/v1/routes/invoices/resume", "", &resumed))
	require.Nil(t, resumed.Pause)
	require.Contains(t, b.fleet.told[1], `"routes":[]`)
	var problem api.Problem
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/routes/none/pause", "", &problem))
	var audit api.AuditPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit", &audit))
	require.Equal(t, "resume-route", audit.Entries[0].Action)
}

func TestAMisspeltRouteHasNoDeadLetters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gone := record(1, status.Dead)
	gone.Route = "gone"
	b.apply(store.Batch{Records: []status.Record{gone}})
	var problem api.Problem
	require.Equal(t, http.StatusBadRequest, b.get("/api/v1/dead-letters?route=invoice", &problem))
	require.Contains(t, *problem.Detail, `there is no route "invoice", did you mean invoices?`)
	var page api.DeadLetterPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/dead-letters?route=gone", &page), "it has dead letters, and is not configured any more")
	require.Len(t, page.DeadLetters, 1)
}

func TestTheOverviewHasTheLatenciesOfRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	quick, slow := record(1, status.Delivered), record(2, status.Delivered)
	quick.At, quick.Took, slow.At, slow.Took = time.Now(), 10*time.Millisecond, time.Now(), 3*time.Second
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices")}, Records: []status.Record{quick, slow}})
	var o api.Overview
	require.Equal(t, http.StatusOK, b.get("/api/v1/overview?by=route", &o))
	found := false
	for _, p := range o.Series[0].Points {
		if p.P50Ms != nil {
			found = true
			require.InDelta(t, 10, *p.P50Ms, 3)
			require.InDelta(t, 3000, *p.P99Ms, 1200)
		}
	}
	require.True(t, found)
}
