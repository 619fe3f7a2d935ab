package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestADestinationIsPausedAndShownAsDeliverersSeeIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	b.fleet.reports = []control.Report{
		{Instance: "a/1", At: now, Destinations: []control.Destination{{Name: "billing", Breaker: "closed", Limit: 32, InUse: 3}, {Name: "old", Breaker: "closed"}}},
		{Instance: "b/1", At: now, Destinations: []control.Destination{{Name: "billing", Breaker: "open", RestingUntil: now.Add(time.Minute), Limit: 1}}},
	}
	var d api.Destination
	require.Equal(t, http.StatusOK, b.get("/api/v1/destinations/billing", &d))
	require.False(t, d.Paused)
	require.Equal(t, "https://billing.example/", *d.Url)
	require.Equal(t, []string{"invoices"}, d.Routes)
	require.Equal(t, api.Open, *d.Breaker, "the worst one")
	require.Len(t, d.Deliverers, 2)
	require.Equal(t, 3, d.Deliverers[0].InUse)
	require.Equal(t, now.Add(time.Minute), *d.Deliverers[1].RestingUntil)

	require.Equal(t, http.StatusOK, b.post("/api/v1/destinations/billing/pause", "", &d))
	require.True(t, d.Paused)
	require.Equal(t, "writer", *d.PausedBy)
	require.Contains(t, b.fleet.told[0], `"paused":["billing"]`)
	var route api.Route
	require.Equal(t, http.StatusOK, b.get("/api/v1/routes/invoices", &route))
	require.True(t, *route.Paused)
	var resumed api.Destination
	require.Equal(t, http.StatusOK, b.post("/api/v1/destinations/billing/resume", "", &resumed))
	require.False(t, resumed.Paused)
	require.Nil(t, resumed.PausedBy)
	require.Contains(t, b.fleet.told[1], `"paused":[]`)

	var audit api.AuditPage
	require.Equal(t, http.StatusOK, b.get("/api/v1/audit", &audit))
	require.Equal(t, "resume", audit.Entries[0].Action)
	require.Equal(t, "pause", audit.Entries[1].Action)
	var problem api.Problem
	require.Equal(t, http.StatusNotFound, b.post("/api/v1/destinations/none/pause", "", &problem))
	require.Equal(t, http.StatusNotFound, b.get("/api/v1/destinations/none", &problem))
	require.Equal(t, http.StatusNotFound, b.get("/api/v1/routes/none", &problem))
}

func TestARouteShowsItsBacklogItsRatesAndHowLongItsOldestEventWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fleet.queues = map[string]amqpx.QueueState{
		"penstock.route.invoices": {Ready: 12, Consumers: 2}, "penstock.dead.invoices": {Ready: 3},
	}
	lately := record(2, status.Delivered)
	lately.At = time.Now().Truncate(time.Minute).Add(-90 * time.Second)
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(1, "invoices"), accepted(2, "invoices")}, Records: []status.Record{lately}})
	var r api.Route
	require.Equal(t, http.StatusOK, b.get("/api/v1/routes/invoices", &r))
	require.Equal(t, api.Backlog{Ready: 12, Consumers: 2, Dead: 3}, *r.Backlog)
	require.Equal(t, start.Add(time.Second), *r.OldestWaitingAt)
	require.InDelta(t, 0.2, r.Rates.Delivered, 1e-9)

	var s api.Source
	require.Equal(t, http.StatusOK, b.get("/api/v1/sources/shop", &s))
	require.Equal(t, start.Add(2*time.Second), *s.LastEventAt)
	require.EqualValues(t, 2, s.Accepted)
}

func TestTheBacklogOfAnOrderedRouteHasItsPartitionsAndWhatIsParked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configured(configuration + "  orders: {from: [shop], types: [order.*], to: billing, ordering: {key: body.id, partitions: 2}}\n")
	b.fleet.queues = map[string]amqpx.QueueState{
		"penstock.route.orders": {Ready: 1, Consumers: 2}, "penstock.dead.orders": {Ready: 3},
		"penstock.partition.orders.00": {Ready: 10}, "penstock.parked.orders.00": {Ready: 100},
		"penstock.partition.orders.01": {Ready: 1000}, "penstock.parked.orders.01": {Ready: 10_000},
	}
	var r api.Route
	require.Equal(t, http.StatusOK, b.get("/api/v1/routes/orders", &r))
	require.Equal(t, api.Backlog{Ready: 11_111, Consumers: 2, Dead: 3}, *r.Backlog)
}

func TestTheOverviewCountsEveryBucket(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	new1 := accepted(1, "invoices")
	new1.ReceivedAt = now
	done := record(1, status.Delivered)
	done.At = now
	b.apply(store.Batch{Accepted: []store.Accepted{new1}, Records: []status.Record{done}})
	var o api.Overview
	require.Equal(t, http.StatusOK, b.get("/api/v1/overview", &o))
	require.Equal(t, 60, o.BucketSeconds)
	require.Len(t, o.Series, 1)
	points := o.Series[0].Points
	require.InDelta(t, 61, len(points), 1)
	var accepted, delivered int64
	for _, p := range points {
		accepted, delivered = accepted+p.Accepted, delivered+p.Delivered
	}
	require.Equal(t, []int64{1, 1}, []int64{accepted, delivered})
	require.EqualValues(t, 1, o.Totals.Accepted)
	require.EqualValues(t, 1, o.Totals.Counts.Delivered)

	var byRoute api.Overview
	require.Equal(t, http.StatusOK, b.get("/api/v1/overview?by=route&bucket=10", &byRoute))
	require.Equal(t, "invoices", *byRoute.Series[0].Name)
	require.Len(t, byRoute.Series, 1)
	for _, bad := range []string{"since=2020-01-01T00:00:00Z", "since=2999-01-01T00:00:00Z", "bucket=0", "bucket=100000", "by=planet"} {
		var problem api.Problem
		require.Equal(t, http.StatusBadRequest, b.get("/api/v1/overview?"+bad, &problem), bad)
	}
}
