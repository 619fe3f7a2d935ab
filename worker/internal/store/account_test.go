package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func sent(event string, state store.SentState, at time.Time) store.Sent {
	return store.Sent{Account: "git", Event: event, Ref: "r-" + event, Type: "push", At: at, State: state, DueAt: at}
}

func TestAnAccountMovesOnlyFromWhereItIs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		first := store.Account{Name: "git", Source: "hub", Provider: "github", Position: "{}", Page: []byte("[1]"), Since: start, Report: "{}"}
		version, err := b.SaveAccount(b.ctx, &store.AccountStep{Account: first})
		require.NoError(t, err)
		_, err = b.SaveAccount(b.ctx, &store.AccountStep{Account: first, Sent: []store.Sent{sent("a", store.SentMissing, start)}})
		require.ErrorIs(t, err, store.ErrStale)

		next := first
		next.Version, next.Page, next.AsOf, next.Trouble, next.TroubleAt = version, nil, start.Add(time.Hour), "limited", start
		_, err = b.SaveAccount(b.ctx, &store.AccountStep{Account: next})
		require.NoError(t, err)
		_, err = b.SaveAccount(b.ctx, &store.AccountStep{Account: next})
		require.ErrorIs(t, err, store.ErrStale)

		got, err := b.Account(b.ctx, "git")
		require.NoError(t, err)
		next.Version = 2
		require.Equal(t, &next, got)
		all, err := b.Accounts(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Account{next}, all)
		tallies, err := b.SentTallies(b.ctx)
		require.NoError(t, err)
		require.Empty(t, tallies, "a stale step counts nothing")
		_, err = b.Account(b.ctx, "other")
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

func TestWhatAProviderSentIsCountedOnceAndStaysCounted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		a := store.Account{Name: "git", Source: "hub", Provider: "github"}
		save := func(step store.AccountStep) {
			t.Helper()
			step.Account = a
			version, err := b.SaveAccount(b.ctx, &step)
			require.NoError(t, err)
			a.Version = version
		}
		save(store.AccountStep{Sent: []store.Sent{sent("a", store.SentAccepted, start), sent("b", store.SentMissing, start), sent("c", store.SentMissing, start.Add(time.Hour))}})
		save(store.AccountStep{Sent: []store.Sent{sent("b", store.SentAsked, start)}})
		save(store.AccountStep{Sent: []store.Sent{sent("b", store.SentAsked, start), sent("c", store.SentMissing, start.Add(time.Hour))}})
		save(store.AccountStep{Sent: []store.Sent{sent("b", store.SentRedelivered, start)}, Audit: []store.Audit{{By: "penstock", Action: "recover", Target: "git", Count: 1}}})

		due, err := b.SentDue(b.ctx, "git", start, 10, store.SentMissing, store.SentAsked)
		require.NoError(t, err)
		require.Empty(t, due)
		due, err = b.SentDue(b.ctx, "git", start.Add(time.Hour), 10, store.SentMissing, store.SentAsked)
		require.NoError(t, err)
		require.Equal(t, []store.Sent{sent("c", store.SentMissing, start.Add(time.Hour))}, due)

		save(store.AccountStep{Forget: start.Add(2 * time.Hour)})
		left, err := b.Sents(b.ctx, store.SentQuery{Account: "git", Limit: 10})
		require.NoError(t, err)
		require.Equal(t, []store.Sent{due[0], sent("b", store.SentRedelivered, start)}, left, "only what arrived by itself is deleted")
		tallies, err := b.SentTallies(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []store.SentTally{
			{"git", "hub", store.SentAccepted, 1}, {"git", "hub", store.SentMissing, 1}, {"git", "hub", store.SentRedelivered, 1},
		}, tallies)
		audits, err := b.Audits(b.ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, audits, 1)
	})
}

func TestAcceptedEventsAreFoundByTheProvidersID(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		first, err := b.FirstAccepted(b.ctx, "shop")
		require.NoError(t, err)
		require.Zero(t, first)
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(1, "billing"), accepted(2, "billing")}})
		found, err := b.AcceptedBy(b.ctx, "shop", []string{"p1", "p2", "p3"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"p1": id(1), "p2": id(2)}, found)
		found, err = b.AcceptedBy(b.ctx, "git", []string{"p1"})
		require.NoError(t, err)
		require.Empty(t, found, "it is another source's")
		first, err = b.FirstAccepted(b.ctx, "shop")
		require.NoError(t, err)
		require.Equal(t, start.Add(time.Second), first)
	})
}
