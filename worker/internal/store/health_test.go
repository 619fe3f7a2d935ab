package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestTheLastFailureOfARouteStaysWhateverBecameOfItsEvent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		first, second, done := record(1, "billing", status.Retrying), record(2, "billing", status.Dead), record(2, "billing", status.Discarded)
		first.Reason, first.Error = fault.ReasonTimeout, "no answer"
		second.Reason, second.LastReason, second.HTTPStatus, second.Answer = fault.ReasonMaxAttempts, fault.ReasonServerError, 500, []byte("down")
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing"), accepted(2, "billing")}, Records: []status.Record{second, done}})
		b.apply(t, store.Batch{Records: []status.Record{first}}) // it is older
		all, err := b.Failures(b.ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]store.Failure{"billing": {Route: "billing", At: second.At.UTC(), Event: id(2), Reason: fault.ReasonServerError, HTTPStatus: 500, Error: "down"}}, all)
	})
}

func TestLatenciesAreCountedAndForgotten(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var batch store.Batch
		for n := range int64(100) {
			r := record(n+1, "billing", status.Delivered)
			r.At, r.Took = start, time.Duration(n+1)*10*time.Millisecond
			batch.Accepted, batch.Records = append(batch.Accepted, accepted(n+1, "billing")), append(batch.Records, r)
		}
		b.apply(t, batch)
		all, err := b.Latencies(b.ctx, start.Add(-time.Minute), time.Hour)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.EqualValues(t, 100, all[0].Count())
		require.InEpsilon(t, 500*time.Millisecond, all[0].Quantile(0.5), 0.2)
		require.InEpsilon(t, 990*time.Millisecond, all[0].Quantile(0.99), 0.2)
		require.NoError(t, b.PruneTraffic(b.ctx, start.Add(time.Hour)))
		all, err = b.Latencies(b.ctx, start.Add(-time.Minute), time.Hour)
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

func TestEventsAreFoundByStatusAndError(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		one, other := record(1, "billing", status.Dead), record(2, "billing", status.Dead)
		one.Reason, one.HTTPStatus, one.Answer = fault.ReasonRejected, 422, []byte("order.customer is 100 % null_")
		other.Reason, other.Error = fault.ReasonFilter, "no such key: amount"
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing"), accepted(2, "billing")}, Records: []status.Record{one, other}})
		for query, want := range map[store.Query]int{
			{HTTPStatus: 422}: 1, {HTTPStatus: 500}: 0, {Error: "customer is"}: 1, {Error: "100 % null_"}: 1, {Error: "Customer"}: 0, {Error: "%"}: 1,
			{Route: "billing", State: store.Dead, Error: "no such key"}: 1, {Route: "billing", State: store.Dead}: 2,
		} {
			query.Limit = 10
			require.Len(t, b.all(t, query), want, "%+v", query)
		}
	})
}

func TestAnAnswerWithoutABodyKeepsItsFields(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		refused := record(1, "billing", status.Dead)
		refused.Reason, refused.Fields = fault.ReasonRejected, status.Fields{"WWW-Authenticate": "Bearer"}
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}, Records: []status.Record{refused}})
		past, err := b.History(b.ctx, b.event(t, 1))
		require.NoError(t, err)
		require.Equal(t, store.Fields{"WWW-Authenticate": "Bearer"}, past[0].Answer.Fields)
	})
}
