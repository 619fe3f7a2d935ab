//go:build browser

package browser_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// nothing is what a new installation has.
func nothing(*stage) {}

// few are ten events, which go through the broker.
func few(s *stage) {
	json := [][2]string{{"Content-Type", "application/json; charset=utf-8"}, {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}, {"Stripe-Signature", "t=1764000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"}}
	s.sendAll([]sent{
		{"stripe", "customer.created", "evt_1PgaE1", []byte(`{"id":"evt_1PgaE1","type":"customer.created","data":{"object":{"id":"cus_QXgAb2","email":"jenny.rosen@example.com"}}}`), json},
		{"github", "push", "72d3162e-cc78-11e3-81ab-4c9367dc0958", []byte(`{"ref":"refs/heads/main","repository":{"full_name":"octocat/hello"},"commits":[]}`), json[:1]},
		{"github", "ping", "72d3162e-cc78-11e3-81ab-4c9367dc0959", []byte(`{"zen":"Keep it logically awesome."}`), json[:1]},
		{"partner", "report.ready", "", []byte("report=2026-11&pages=12&note=all+fine%21"), [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}}},
		{"stripe", "invoice.payment_failed", "evt_1PgaE2", []byte(`{"id":"evt_1PgaE2","type":"invoice.payment_failed","data":{"object":{"amount_due":1900}}}`), json},
		{"shopify", "orders.create", "b54557e4", []byte(`{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}`), json[:1]},
		{"stripe", "charge.failed", "evt_1PgaE3", []byte(`{"id":"evt_1PgaE3","type":"charge.failed"}`), json},
		{"github", "pull_request.opened", "72d3162e-cc78-11e3-81ab-4c9367dc0960", []byte(`{"action":"opened","number":1347,"pull_request":{"title":"Amazing new feature"}}`), json[:1]},
		{"stripe", "invoice.paid", "evt_1PgaE4", []byte(invoice), json},
		{"shopify", "orders.updated", "b54557e5", []byte(`{"id":820982911946154508,"tags":"vip"}`), json[:1]},
	})
}

const invoice = `{"id":"evt_1PgaE4","object":"event","api_version":"2024-06-20","created":1764000000,"livemode":true,"type":"invoice.paid",` +
	`"data":{"object":{"id":"in_1MtHbELkdIwHu7ixl4OzzPMv","object":"invoice","amount_due":129900,"amount_paid":129900,"currency":"eur",` +
	`"customer":"cus_NeZwdNtLEOXuvB","customer_email":"jenny.rosen@example.com","discount":null,"paid":true,` +
	`"lines":{"data":[{"id":"il_1","amount":99900,"description":"Pro plan"},{"id":"il_2","amount":30000,"description":"Seats \u00d7 3"}]}}}}`

// kinds are the types of events and where they go.
var kinds = []struct{ source, typ, route string }{
	{"stripe", "invoice.paid", "invoices"}, {"stripe", "invoice.created", "invoices"}, {"stripe", "charge.succeeded", "invoices"},
	{"stripe", "customer.subscription.updated", "invoices"}, {"github", "push", "continuous-integration"},
	{"github", "check_run.completed", "continuous-integration"}, {"github", "pull_request.synchronize", "continuous-integration"},
	{"shopify", "orders.create", "orders"}, {"shopify", "products.update", "orders"}, {"partner", "report.ready", ""},
}

// many are a hundred thousand events of the last day, put into the store directly, and
// ten through the broker.
func many(s *stage) {
	const total, batch = 100_000, 2_000
	random := rand.New(rand.NewPCG(1, 2))
	began := time.Now().Add(-24 * time.Hour)
	for from := 0; from < total; from += batch {
		var b store.Batch
		for i := from; i < from+batch; i++ {
			add(&b, random, i, began.Add(time.Duration(i)*24*time.Hour/total))
		}
		require.NoError(s.t, s.store.Apply(s.ctx, &b))
	}
	few(s)
}

// add puts one event with what became of it into the batch.
func add(b *store.Batch, random *rand.Rand, i int, at time.Time) {
	kind := kinds[random.IntN(len(kinds))]
	a := store.Accepted{
		ID: event.NewID(), Source: kind.source, Type: kind.typ, ProviderID: fmt.Sprintf("evt_%06d", i), ReceivedAt: at,
		Size: 400 + random.IntN(6000), Offset: store.NoOffset,
	}
	if kind.route != "" {
		a.Routes = []string{kind.route}
		r := status.Record{
			Event: a.ID, Source: a.Source, Type: a.Type, Route: kind.route, ReceivedAt: at, Attempt: 1,
			At: at.Add(time.Duration(30+random.IntN(900)) * time.Millisecond), Took: time.Duration(20+random.IntN(400)) * time.Millisecond,
		}
		b.Records = append(b.Records, outcomes(r, random.IntN(1000))...)
	}
	b.Accepted = append(b.Accepted, a)
}

// outcomes makes one in thirty fail at first, and one in two hundred for good.
func outcomes(r status.Record, chance int) []status.Record {
	r.Kind, r.HTTPStatus = status.Delivered, 200
	failed := r
	failed.Kind, failed.HTTPStatus, failed.Reason, failed.NextAt = status.Retrying, 503, fault.ReasonServerError, r.At.Add(5*time.Second)
	switch {
	case chance < 5:
		r.Kind, r.HTTPStatus, r.Reason = status.Dead, 422, fault.ReasonRejected
		return []status.Record{r}
	case chance < 10:
		r.Kind, r.Attempt, r.HTTPStatus, r.Reason, r.LastReason, r.At = status.Dead, 15, 0, fault.ReasonMaxAttempts, fault.ReasonTimeout, r.At.Add(time.Minute)
		return []status.Record{failed, r}
	case chance < 40:
		r.Attempt, r.At = 2, r.At.Add(5*time.Second)
		return []status.Record{failed, r}
	case chance < 60:
		r.Kind, r.HTTPStatus, r.Took, r.Attempt = status.Filtered, 0, 0, 0
	}
	return []status.Record{r}
}
