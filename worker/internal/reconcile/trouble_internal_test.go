package reconcile

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/worker/internal/store"
)

// missingOf makes a world with one accepted event of a provider and some that are missing.
func missingOf(t *testing.T, p *provider, missing int) (*world, sends, []string) {
	t.Helper()
	w := newWorld(t, p.text(), p.secret)
	w.haste, p.skew = 10, 0
	fake := p.start(w)
	ids := []string{fake.Happen("push")}
	w.pass(5 * time.Second)
	w.alive = false
	for range missing {
		ids = append(ids, fake.Happen("push"))
		w.pass(time.Second)
	}
	w.alive = true
	return w, fake, ids
}

// gap is that of GitHub, whose account is changed.
func gap(t *testing.T, old, changed string, missing int) (*world, *accounttest.GitHub, []string) {
	t.Helper()
	p := providers()[0]
	p.account = strings.Replace(p.account, old, changed, 1)
	w, fake, ids := missingOf(t, &p, missing)
	return w, fake.(*accounttest.GitHub), ids
}

func TestAProviderThatCannotBeAskedLosesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil, mend func(w *world, p sends)
		trouble     string
	}{
		"is down":           {func(_ *world, p sends) { p.Break(503) }, func(_ *world, p sends) { p.Break(0) }, "unreachable"},
		"is slow":           {func(w *world, _ sends) { w.slow = true }, func(w *world, _ sends) { w.slow = false }, "unreachable"},
		"limits":            {func(_ *world, p sends) { p.Break(429) }, func(_ *world, p sends) { p.Break(0) }, "limited"},
		"revoked the token": {func(_ *world, p sends) { p.Revoke("x") }, func(_ *world, p sends) { p.Revoke("token") }, "unauthorized"},
		"forbids":           {func(_ *world, p sends) { p.Break(403) }, func(_ *world, p sends) { p.Break(0) }, "forbidden"},
		"lost the webhook":  {func(_ *world, p sends) { p.Break(404) }, func(_ *world, p sends) { p.Break(0) }, "not-found"},
	} {
		for _, p := range providers() {
			t.Run(p.name+" "+name, func(t *testing.T) {
				t.Parallel()
				p.account = strings.Replace(p.account, ", redeliver: true", "", 1)
				for _, seen := range []bool{false, true} { // the gap, before
					w, fake, ids := missingOf(t, &p, 30)
					if seen {
						w.config.Accounts["hub"].Recover = false
						w.run(20*time.Minute, 0, 1)
						require.EqualValues(t, 30, w.tallies()[store.SentMissing])
						w.config.Accounts["hub"].Recover = true
					}
					test.spoil(w, fake)
					calls := fake.Calls()
					require.NotEmpty(t, w.run(time.Hour, 0, 1))
					require.Equal(t, test.trouble, w.row().Trouble)
					require.True(t, Failing(w.row(), w.now), "a person gets to know")
					require.Zero(t, w.tallies()[store.SentLost])
					require.Less(t, fake.Calls()-calls, 40, "it is not asked all the time")
					test.mend(w, fake)
					w.run(time.Hour, 0, 1)
					require.Empty(t, w.row().Trouble)
					w.exactlyOnce(ids)
					require.EqualValues(t, 30, w.tallies()[store.SentFetched])
				}
			})
		}
	}
}

// What was only shown before is listed once more, and not asked for one by one.
func TestAGapThatWasSeenIsFetchedByListingItAgain(t *testing.T) {
	t.Parallel()
	for _, p := range providers() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if p.redelivers {
				t.Skip("it is asked to deliver again")
			}
			const missing = 1000
			w, fake, ids := missingOf(t, &p, missing)
			w.config.Accounts["hub"].Recover = false
			w.run(time.Hour, 0, 1)
			require.EqualValues(t, missing, w.tallies()[store.SentMissing])
			sent, calls := total(w.tallies()), fake.Calls()
			require.NoError(t, w.store.AskRecovery(t.Context(), store.Recovery{Account: "hub", By: "ada", At: w.now}, store.Audit{By: "ada", Action: "recover"}))
			w.run(30*time.Minute, 0, 1)
			w.exactlyOnce(ids)
			require.EqualValues(t, missing, w.tallies()[store.SentFetched])
			require.Equal(t, sent, total(w.tallies()), "nothing is counted again")
			require.LessOrEqual(t, fake.Calls()-calls, missing/p.page+12)
		})
	}
}

// GitLab lists a redelivery as one more attempt of the event, days later too.
func TestARepetitionIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	p := providers()[1]
	w, _, ids := missingOf(t, &p, 5)
	w.run(6*time.Hour, 0, 1)
	tallies := w.tallies()
	require.EqualValues(t, len(ids), total(tallies))
	lab := w.api.(*accounttest.GitLab)
	w.noRetry = false // a person resends: that round is meant
	req := httptest.NewRequest(http.MethodPost, "/projects/acme%2Fshop/hooks/1/events/1/resend", http.NoBody)
	req.Header.Set("Authorization", "Bearer token")
	lab.ServeHTTP(httptest.NewRecorder(), req)
	w.run(time.Hour, 0, 1)
	require.Equal(t, tallies, w.tallies())
}

func TestWithoutRecoverAGapIsOnlyShown(t *testing.T) {
	t.Parallel()
	w, hub, ids := gap(t, "", "", 30)
	w.config.Accounts["hub"].Recover = false
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
	w, hub, ids := gap(t, "", "", 30)
	hub.ReadOnly = true
	w.run(time.Hour, 0, 1)
	w.exactlyOnce(ids)
	require.EqualValues(t, 30, w.tallies()[store.SentFetched])
}

func TestWhatTheProviderDoesNotHaveAnyMoreIsLost(t *testing.T) {
	t.Parallel()
	w, _, _ := gap(t, "", "", 3)
	w.config.Accounts["hub"].Recover = false
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
	w, _, _ := gap(t, "redeliver: true", "filter: 'body.n % 2 == 0'", 30)
	w.run(time.Hour, 0, 1)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentFetched: 15, store.SentUnwanted: 15}, w.tallies())
}

// What was answered 2xx may wait in a gateway's spool.
func TestWhatWasAnsweredWaitsForLonger(t *testing.T) {
	t.Parallel()
	w, hub, ids := gap(t, "", "", 0)
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
	w, _, _ := gap(t, "", "", 0)
	w.waiting = append(w.waiting, store.Accepted{ReceivedAt: w.now.Add(-time.Hour), ID: "old", ProviderID: "old", Source: "hub"})
	one := w.worker()
	_, err := one.step(t.Context())
	require.NoError(t, err)
	require.Equal(t, troubleBehind, w.row().Trouble)
	require.Empty(t, w.tallies())
}

func TestADisabledOrChangedSubscriptionIsNoticed(t *testing.T) {
	t.Parallel()
	w, hub, _ := gap(t, "", "", 0)
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
