package reconcile

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/worker/internal/store"
)

// gap makes a world with one accepted event and some that are missing.
func gap(t *testing.T, text string, missing int) (*world, *accounttest.GitHub, []string) {
	t.Helper()
	w := newWorld(t, text)
	w.noRetry = true
	hub := accounttest.NewGitHub(accounttest.Options{Deliver: w.deliver, Now: func() time.Time { return w.now }, Token: "token"})
	w.api = hub
	ids := []string{hub.Happen("push")}
	w.pass(5 * time.Second)
	w.alive = false
	for range missing {
		ids = append(ids, hub.Happen("push"))
		w.pass(time.Second)
	}
	w.alive = true
	return w, hub, ids
}

func TestAProviderThatCannotBeAskedLosesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil, mend func(hub *accounttest.GitHub)
		trouble     string
	}{
		"it is down":           {func(h *accounttest.GitHub) { h.Break(503) }, func(h *accounttest.GitHub) { h.Break(0) }, "unreachable"},
		"it limits":            {func(h *accounttest.GitHub) { h.Break(429) }, func(h *accounttest.GitHub) { h.Break(0) }, "limited"},
		"it revoked the token": {func(h *accounttest.GitHub) { h.Revoke("x") }, func(h *accounttest.GitHub) { h.Revoke("token") }, "unauthorized"},
		"the hook is gone":     {func(h *accounttest.GitHub) { h.Break(404) }, func(h *accounttest.GitHub) { h.Break(0) }, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, seen := range []bool{false, true} { // the gap, before
				w, hub, ids := gap(t, strings.Replace(gitText, "redeliver: true", "redeliver: false", 1), 30)
				if seen {
					w.config.Accounts["hub"].Recover = false
					w.run(10*time.Minute, 0, 1)
					require.EqualValues(t, 30, w.tallies()[store.SentMissing])
					w.config.Accounts["hub"].Recover = true
				}
				test.spoil(hub)
				calls := hub.Calls()
				require.NotEmpty(t, w.run(time.Hour, 0, 1))
				require.Equal(t, test.trouble, w.row().Trouble)
				require.Zero(t, w.tallies()[store.SentLost])
				require.Less(t, hub.Calls()-calls, 40, "it is not asked all the time")
				test.mend(hub)
				w.run(time.Hour, 0, 1)
				require.Empty(t, w.row().Trouble)
				w.exactlyOnce(ids)
				require.EqualValues(t, 30, w.tallies()[store.SentFetched])
			}
		})
	}
}

func TestWithoutRecoverAGapIsOnlyShown(t *testing.T) {
	t.Parallel()
	w, hub, ids := gap(t, strings.Replace(gitText, "recover: true", "recover: false", 1), 30)
	w.run(time.Hour, 0, 1)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentMissing: 30}, w.tallies())
	require.Less(t, hub.Calls(), 20)
	require.NoError(t, w.store.AskRecovery(t.Context(), store.Recovery{Account: "hub", By: "ada", At: w.now}, store.Audit{By: "ada", Action: "recover"}))
	w.run(30*time.Minute, 0, 1)
	w.exactlyOnce(ids)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentRedelivered: 30}, w.tallies())
	_, err := w.store.Recovery(t.Context(), "hub")
	require.ErrorIs(t, err, store.ErrNotFound, "it is over")
	audits, err := w.store.Audits(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Equal(t, "gap-recovered", audits[0].Action)
	require.Equal(t, "ada", audits[0].By)
}

func TestATokenThatMayOnlyReadStillRecovers(t *testing.T) {
	t.Parallel()
	w, hub, ids := gap(t, gitText, 30)
	hub.ReadOnly = true
	w.run(time.Hour, 0, 1)
	w.exactlyOnce(ids)
	require.EqualValues(t, 30, w.tallies()[store.SentFetched])
}

func TestWhatTheProviderDoesNotHaveAnyMoreIsLost(t *testing.T) {
	t.Parallel()
	w, _, _ := gap(t, strings.Replace(gitText, "recover: true", "recover: false", 1), 3)
	w.run(time.Hour, 0, 1)
	w.now = w.now.Add(80 * time.Hour)
	w.config.Accounts["hub"].Recover = true
	w.run(time.Hour, 0, 1)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentLost: 3}, w.tallies())
	lost, err := w.store.Sents(t.Context(), store.SentQuery{States: []store.SentState{store.SentLost}, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, reasonGone, lost[0].Reason)
}

func TestTheFilterLeavesOutWhatIsNotWanted(t *testing.T) {
	t.Parallel()
	w, _, _ := gap(t, strings.Replace(gitText, "redeliver: true", "filter: 'body.n % 2 == 0'", 1), 30)
	w.run(time.Hour, 0, 1)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentFetched: 15, store.SentUnwanted: 15}, w.tallies())
}

// What was answered 2xx may wait in a gateway's spool.
func TestWhatWasAnsweredWaitsForLonger(t *testing.T) {
	t.Parallel()
	w, hub, ids := gap(t, gitText, 0)
	var late string
	hub.Deliver = func(d accounttest.Delivery) int { late = d.ID; return http.StatusOK }
	ids = append(ids, hub.Happen("push"))
	hub.Deliver = w.deliver
	w.at(50*time.Minute, func() { w.accept(late, "spooled") })
	w.run(3*time.Hour, 0, 1)
	w.exactlyOnce(ids)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 2}, w.tallies())
}

func TestNothingIsJudgedWhileTheStoreIsBehind(t *testing.T) {
	t.Parallel()
	w, _, _ := gap(t, gitText, 0)
	w.waiting = append(w.waiting, store.Accepted{ReceivedAt: w.now.Add(-time.Hour), ID: "old", ProviderID: "old", Source: "hub"})
	one := w.worker()
	_, err := one.step(t.Context())
	require.NoError(t, err)
	require.Equal(t, troubleBehind, w.row().Trouble)
	require.Empty(t, w.tallies())
}

func TestADisabledOrChangedSubscriptionIsNoticed(t *testing.T) {
	t.Parallel()
	w, hub, _ := gap(t, gitText, 0)
	w.run(10*time.Minute, 0, 1)
	require.Empty(t, ReportOf(w.row()).Findings)
	hub.Active = false
	w.config.Sources["hub"].PublicURL = "https://other.example/in/hub"
	w.run(2*time.Hour, 0, 1)
	found := ReportOf(w.row()).Findings
	require.Len(t, found, 2)
	require.Equal(t, FindingDisabled, found[0].Kind)
	require.Equal(t, FindingURL, found[1].Kind)
	require.Contains(t, found[0].Text, "Settings > Webhooks")
}
