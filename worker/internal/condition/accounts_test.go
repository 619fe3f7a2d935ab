package condition_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// account is what the store has of the account hub.
func (b *bench) account(a store.Account, sent ...store.Sent) {
	b.t.Helper()
	a.Name, a.Source, a.Provider = "hub", "hub", "github"
	if row, err := b.store.Account(b.t.Context(), "hub"); err == nil {
		a.Version = row.Version
	}
	_, err := b.store.SaveAccount(b.t.Context(), &store.AccountStep{Account: a, Sent: sent})
	require.NoError(b.t, err)
}

func (b *bench) incident() store.Incident {
	b.t.Helper()
	all, err := b.store.Incidents(b.t.Context(), store.IncidentQuery{States: []incident.State{incident.Open}})
	require.NoError(b.t, err)
	require.Len(b.t, all, 1)
	return all[0]
}

func TestAGapAtTheProviderIsAnIncidentWithItsTimes(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	at := b.now.Add(-time.Hour)
	event := func(id string, state store.SentState, after time.Duration) store.Sent {
		return store.Sent{Event: id, Type: "push", At: at.Add(after), AskedAt: at, State: state}
	}
	b.account(store.Account{}, event("z", store.SentAccepted, -time.Hour), event("d", store.SentWaiting, -time.Hour))
	require.Empty(t, b.open(), "what may still come is no gap")
	b.account(store.Account{}, event("a", store.SentMissing, 0), event("b", store.SentAsked, time.Minute), event("c", store.SentLost, 2*time.Minute))
	require.Equal(t, []incident.Kind{incident.ProviderGap}, b.open())
	i := b.incident()
	require.EqualValues(t, 3, i.Failures)
	require.Equal(t, "2 missing and 1 lost, sent from 2026-01-10T11:00:00Z to 2026-01-10T11:02:00Z", i.Detail)
	require.Equal(t, "hub", i.Source)

	b.account(store.Account{}, event("a", store.SentRedelivered, 0), event("b", store.SentFetched, time.Minute))
	require.Equal(t, []incident.Kind{incident.ProviderGap}, b.open(), "one is lost")
	b.now = b.now.Add(48 * time.Hour)
	require.Empty(t, b.open())
}

func TestAProviderThatCannotBeAskedIsAnIncident(t *testing.T) {
	t.Parallel()
	for trouble, kinds := range map[string][2]int{ // incidents at once, and after some minutes
		"unauthorized": {1, 1}, "forbidden": {1, 1}, "not-found": {1, 1}, "unreachable": {0, 1}, "limited": {0, 1}, "nothing-accepted": {0, 0}, "": {0, 0},
	} {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "")
			b.account(store.Account{Trouble: trouble, TroubleAt: b.now})
			require.Len(t, b.open(), kinds[0])
			b.now = b.now.Add(6 * time.Minute)
			open := b.open()
			require.Len(t, open, kinds[1])
			if len(open) > 0 {
				require.Equal(t, incident.AccountFailing, open[0])
				require.Contains(t, b.incident().Detail, trouble+" since 2026-01-10")
			}
			b.account(store.Account{})
			require.Empty(t, b.open())
		})
	}
}

func TestASubscriptionThatNeedsALookIsAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	b.account(store.Account{Report: `{"findings": [{"kind": "disabled", "text": "Enable it.", "at": "2026-01-10T11:00:00Z"}]}`})
	require.Equal(t, []incident.Kind{incident.SubscriptionChanged}, b.open())
	require.Equal(t, "Enable it.", b.incident().Detail)
	b.account(store.Account{Report: `{}`})
	require.Empty(t, b.open())
}
