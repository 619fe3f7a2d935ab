package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestAPersonAcknowledgesMutesAndResolves(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Dead, 422, "no")}})
		id, now := b.unresolved(t)[0].ID, start.Add(time.Hour)
		require.NoError(t, b.AcknowledgeIncident(b.ctx, id, "ops", now))
		require.NoError(t, b.MuteIncident(b.ctx, id, "ops", now.Add(time.Hour), now))
		b.apply(t, store.Batch{Records: []status.Record{failed(2, status.Dead, 422, "no")}})
		i := b.unresolved(t)[0]
		require.Equal(t, incident.Acknowledged, i.State, "a further failure is no news")
		require.Equal(t, "ops", i.By)
		require.True(t, i.MutedAt(now))
		require.NoError(t, b.SettleIncidents(b.ctx, now.Add(2*time.Hour)))
		require.True(t, b.unresolved(t)[0].MutedUntil.IsZero())
		require.NoError(t, b.ResolveIncident(b.ctx, id, "ops", now))
		require.ErrorIs(t, b.AcknowledgeIncident(b.ctx, id, "ops", now), store.ErrResolved)
		require.ErrorIs(t, b.ResolveIncident(b.ctx, "none", "ops", now), store.ErrNotFound)
		require.Equal(t, []incident.Change{incident.WasOpened, incident.WasAcknowledged, incident.WasMuted, incident.WasUnmuted, incident.WasResolved}, b.history(t, id))
		audit, err := b.Audits(b.ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, audit, 3)
	})
}

func TestWhatAPersonDoesIsNotLostUnderFailures(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{failed(0, status.Dead, 422, "no")}})
		id := b.unresolved(t)[0].ID
		other := open(b.ctx, t, b.url) // another tracker's
		var acting sync.WaitGroup
		acting.Go(func() {
			for range 20 {
				if err := other.AcknowledgeIncident(b.ctx, id, "ops", start); err != nil {
					t.Error(err)
				}
			}
		})
		for n := range int64(50) {
			b.apply(t, store.Batch{Records: []status.Record{failed(n+1, status.Dead, 422, "no")}})
		}
		acting.Wait()
		i := b.unresolved(t)[0]
		require.Equal(t, incident.Acknowledged, i.State)
		require.EqualValues(t, 51, i.Dead)
	})
}

func TestRefusedRequestsAreAnIncidentOfTheirSource(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		require.NoError(t, b.AddRefusals(b.ctx, refused("one", 1, start, "shop", "mismatch", 3)))
		require.NoError(t, b.AddRefusals(b.ctx, refused("one", 1, start, "shop", "mismatch", 3))) // it comes again
		require.NoError(t, b.AddRefusals(b.ctx, refused("one", 2, start, "shop", "too-large", 3)))
		all := b.unresolved(t)
		require.Len(t, all, 1)
		require.Equal(t, incident.Key{Kind: incident.VerificationFailing, Source: "shop", Reason: "mismatch"}, all[0].Key)
		require.EqualValues(t, 3, all[0].Failures)
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing")}})
		require.NoError(t, b.SettleIncidents(b.ctx, start.Add(time.Hour)))
		require.Empty(t, b.unresolved(t))
	})
}

func TestANewTypeThatNoRouteTakesIsAnIncidentOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1), accepted(2)}})
		all := b.unresolved(t)
		require.Len(t, all, 1)
		require.Equal(t, incident.Key{Kind: incident.UnroutedType, Source: "shop", Reason: "order.paid"}, all[0].Key)
		require.EqualValues(t, 2, all[0].Failures)
		require.NoError(t, b.ResolveIncident(b.ctx, all[0].ID, "ops", start))
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(3)}})
		require.Empty(t, b.unresolved(t), "a person has seen it")
	})
}

func TestAnObservedConditionLastsForAsLongAsItIsThere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		kinds := []incident.Kind{incident.NoDeliverer}
		one := store.Condition{Key: incident.Key{Kind: incident.NoDeliverer, Route: "billing"}, Count: 7, Detail: "7 events wait"}
		other := store.Condition{Key: incident.Key{Kind: incident.NoDeliverer, Route: "audit"}, Count: 1}
		require.NoError(t, b.ObserveIncidents(b.ctx, kinds, []store.Condition{one, other}, start))
		require.NoError(t, b.ObserveIncidents(b.ctx, kinds, []store.Condition{one}, start.Add(time.Second)))
		require.NoError(t, b.ObserveIncidents(b.ctx, nil, nil, start.Add(time.Second)), "what is not known changes nothing")
		all := b.unresolved(t)
		require.Len(t, all, 1)
		require.Equal(t, "7 events wait", all[0].Detail)
		require.EqualValues(t, 7, all[0].Failures)
		require.NoError(t, b.ObserveIncidents(b.ctx, kinds, nil, start.Add(time.Minute)))
		require.Empty(t, b.unresolved(t))
		require.Equal(t, []incident.Change{incident.WasOpened, incident.WasResolved}, b.history(t, one.Key.ID()))
	})
}

func TestAChannelTakesUpEachChangeOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		b.apply(t, store.Batch{Records: []status.Record{failed(1, status.Dead, 422, "old")}})
		at, err := b.NotifyCursor(b.ctx, "team")
		require.NoError(t, err)
		b.apply(t, store.Batch{Records: []status.Record{failed(2, status.Dead, 422, "new")}})
		changes, err := b.ChangesAfter(b.ctx, at, 10)
		require.NoError(t, err)
		require.Len(t, changes, 1, "a new channel hears of nothing old")
		made := []store.Notice{{Changes: []int64{changes[0].ID}, MadeAt: start, NextAt: start}}
		require.NoError(t, b.AddNotices(b.ctx, "team", at, changes[0].ID, made))
		require.ErrorIs(t, b.AddNotices(b.ctx, "team", at, changes[0].ID, made), store.ErrStale)
		due, err := b.DueNotices(b.ctx, "team", start, 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		for _, first := range []bool{true, false} {
			mine, err := b.ClaimNotice(b.ctx, &due[0], start.Add(time.Minute))
			require.NoError(t, err)
			require.Equal(t, first, mine)
		}
		require.NoError(t, b.PutOffNotice(b.ctx, due[0].ID, start.Add(time.Hour), "HTTP 500"))
		due, err = b.DueNotices(b.ctx, "team", start.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, 1, due[0].Attempts)
		require.NoError(t, b.EndNotice(b.ctx, due[0].ID, store.NoticeSent, "", start))
		all, err := b.Notices(b.ctx, "team", 0, 10)
		require.NoError(t, err)
		require.Equal(t, store.NoticeSent, all[0].State)
		n, err := b.NoticesSince(b.ctx, "team", start.Add(-time.Second))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, b.PruneIncidents(b.ctx, start.Add(time.Hour)))
	})
}
