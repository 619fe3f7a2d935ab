package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// failed is a record of an attempt that was answered with a text.
func failed(n int64, kind status.Kind, httpStatus int, answer string) status.Record {
	r := record(n, "billing", kind)
	r.Reason, r.HTTPStatus, r.Answer = fault.ReasonRejected, httpStatus, []byte(answer)
	return r
}

func (b *bench) incidents(t *testing.T, q store.IncidentQuery) []store.Incident {
	t.Helper()
	all, err := b.Incidents(b.ctx, q)
	require.NoError(t, err)
	return all
}

func (b *bench) unresolved(t *testing.T) []store.Incident {
	t.Helper()
	return b.incidents(t, store.IncidentQuery{States: []incident.State{incident.Open, incident.Acknowledged}, Limit: store.MaxLimit})
}

func (b *bench) history(t *testing.T, id string) (changes []incident.Change) {
	t.Helper()
	_, all, err := b.Incident(b.ctx, id)
	require.NoError(t, err)
	for _, c := range all {
		changes = append(changes, c.Change)
	}
	return changes
}

func TestTenAnswersOfOneShapeAreOneIncident(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for n := range int64(10) {
			b.apply(t, store.Batch{Records: []status.Record{failed(n, status.Dead, 422, fmt.Sprintf("order %d has no customer", 4000+n))}})
		}
		all := b.unresolved(t)
		require.Len(t, all, 1)
		i := all[0]
		require.Equal(t, incident.Key{Kind: incident.DeliveryFailing, Route: "billing", Reason: "rejected", Status: 422, Shape: "order # has no customer"}, i.Key)
		require.Equal(t, []int64{10, 10, 0, 10}, []int64{i.Failures, i.Events, i.Waiting, i.Dead})
		require.Equal(t, "order 4000 has no customer", i.Answer)
		require.Len(t, i.Samples, 10)
		require.Equal(t, start.Add(time.Minute), i.FirstAt)
		require.Equal(t, start.Add(time.Minute+9*time.Second), i.LastAt)
		require.Equal(t, i.ID, b.event(t, 3).Deliveries[0].Incident)
		require.Len(t, b.all(t, store.Query{Route: "billing", State: store.Dead, Incident: i.ID}), 10)
		require.Empty(t, b.all(t, store.Query{Route: "billing", State: store.Dead, Incident: "another"}))
		require.Equal(t, []incident.Change{incident.WasOpened}, b.history(t, i.ID))
	})
}

func TestABatchThatComesTwiceIsFoldedOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		batch := store.Batch{
			Records: []status.Record{failed(1, status.Retrying, 500, "no")},
			Moves:   []store.Move{{Stream: "status", To: store.Position{Next: 1, LastID: "a"}}},
		}
		b.apply(t, batch)
		require.ErrorIs(t, b.Apply(b.ctx, &batch), store.ErrStale)
		require.EqualValues(t, 1, b.unresolved(t)[0].Failures)
	})
}

func TestADeadLetterJoinsTheIncidentOfItsFailedAttempts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		tooOld := record(1, "billing", status.Dead)
		tooOld.Attempt, tooOld.Reason, tooOld.At = 0, fault.ReasonMaxAge, tooOld.At.Add(time.Hour)
		usedUp := failed(2, status.Dead, 500, "try 2")
		usedUp.Attempt, usedUp.Reason, usedUp.LastReason = 2, fault.ReasonMaxAttempts, fault.ReasonRejected
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Retrying, 500, "try 1"), failed(2, status.Retrying, 500, "try 1")}})
		require.Equal(t, []int64{2, 0}, []int64{b.unresolved(t)[0].Waiting, b.unresolved(t)[0].Dead})
		b.apply(t, store.Batch{Records: []status.Record{tooOld, usedUp}})
		all := b.unresolved(t)
		require.Len(t, all, 1)
		require.Equal(t, []int64{4, 2, 0, 2}, []int64{all[0].Failures, all[0].Events, all[0].Waiting, all[0].Dead})
	})
}

func TestAnIncidentResolvesWhenDeliveriesSucceedAndIsReopenedWithItsHistory(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Retrying, 500, "no")}})
		id := b.unresolved(t)[0].ID
		now := start.Add(time.Hour)
		settle := func() { require.NoError(t, b.SettleIncidents(b.ctx, now)) }
		b.apply(t, store.Batch{Records: []status.Record{record(2, "billing", status.Delivered)}})
		settle()
		require.Len(t, b.unresolved(t), 1, "its event still waits")
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Delivered)}})
		now = start.Add(time.Minute + 10*time.Second)
		settle()
		require.Len(t, b.unresolved(t), 1, "not before it was quiet for a while")
		now = start.Add(time.Hour)
		settle()
		require.Empty(t, b.unresolved(t))
		require.Empty(t, b.event(t, 1).Deliveries[0].Incident)

		again := failed(3, status.Dead, 500, "no")
		again.At = now.Add(time.Minute)
		b.apply(t, store.Batch{Records: []status.Record{again}})
		require.Equal(t, id, b.unresolved(t)[0].ID)
		require.EqualValues(t, 2, b.unresolved(t)[0].Failures)
		require.Equal(t, []incident.Change{incident.WasOpened, incident.WasResolved, incident.WasReopened}, b.history(t, id))
	})
}

func TestOneThatFlapsHasToBeQuietForLonger(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		now := start
		flap := func(quiet time.Duration) int {
			r := failed(1, status.Dead, 500, "no")
			ok := record(2, "billing", status.Delivered)
			r.At, ok.At = now, now
			b.apply(t, store.Batch{Records: []status.Record{r, ok}})
			now = now.Add(quiet)
			require.NoError(t, b.SettleIncidents(b.ctx, now))
			return len(b.unresolved(t))
		}
		require.Zero(t, flap(31*time.Second))
		require.Equal(t, 1, flap(31*time.Second))
		require.Zero(t, flap(61*time.Second))
		now = now.Add(2 * time.Hour)
		require.Zero(t, flap(31*time.Second), "long ago it was another story")
	})
}

func TestAnIncidentEndsWithTheDiscardOfItsLastEvent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		gone := record(1, "billing", status.Dead)
		gone.Attempt, gone.Reason = 0, fault.ReasonDeliveryLimit
		b.apply(t, store.Batch{Records: []status.Record{gone}})
		require.Equal(t, incident.DeadLetters, b.unresolved(t)[0].Kind)
		b.apply(t, store.Batch{Records: []status.Record{record(1, "billing", status.Discarded)}})
		require.NoError(t, b.SettleIncidents(b.ctx, start.Add(time.Hour)))
		require.Empty(t, b.unresolved(t))
	})
}

func TestAReplayedEventStaysInItsIncidentUntilItIsDelivered(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Dead, 422, "no"), record(1, "billing", status.Replayed)}})
		require.Equal(t, []int64{1, 0}, []int64{b.unresolved(t)[0].Waiting, b.unresolved(t)[0].Dead})
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Retrying, 503, "other")}})
		all := b.incidents(t, store.IncidentQuery{})
		require.Len(t, all, 2)
		for _, i := range all {
			require.Equal(t, map[int]int64{422: 0, 503: 1}[i.Status], i.Waiting)
		}
	})
}

func TestTooManyAnswersShareOneIncident(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var batch store.Batch
		for n := range int64(90) {
			word := fmt.Sprintf("%c%c%c", 'a'+n%26, 'a'+n/26, 'q')
			batch.Records = append(batch.Records, failed(n, status.Dead, 422, "odd "+word))
		}
		b.apply(t, batch)
		all := b.unresolved(t)
		require.Len(t, all, 61)
		dead := int64(0)
		for _, i := range all {
			dead += i.Dead
			if i.Shape == incident.VariousAnswers {
				require.EqualValues(t, 30, i.Dead)
			}
		}
		require.EqualValues(t, 90, dead)
	})
}
