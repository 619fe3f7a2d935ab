package reconcile

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const gitText = `
sources: {hub: {provider: github, secrets: ["${S}"]}}
destinations: {out: {url: "https://out.example/"}}
routes: {out: {from: [hub], to: out}}
accounts:
  hub:
    provider: github
    source: hub
    settings: {repository: acme/shop, hook: "1"}
    credentials: {token: "${T}"}
    redeliver: true
    recover: true
`

const stripeText = `
sources: {hub: {provider: stripe, secrets: ["${S}"]}}
destinations: {out: {url: "https://out.example/"}}
routes: {out: {from: [hub], to: out}}
accounts:
  hub:
    provider: stripe
    source: hub
    settings: {endpoint: we_1}
    credentials: {key: "${T}"}
    recover: true
`

// sends makes events happen, and says how often the API was used.
type sends interface {
	http.Handler
	Happen(typ string) string
	Calls() int
}

// The events of an outage, and around it.
const (
	before = 20
	during = 5000
	behind = 600
	outage = 30 * time.Minute
)

// suffer plays an outage of the gateways: of the events in it some arrive late although their
// attempt failed, and some twice; others happen and fail while the reconciler recovers.
func suffer(w *world, p sends) *[]string {
	ids := new([]string)
	happen := func() string {
		id := p.Happen("push")
		*ids = append(*ids, id)
		return id
	}
	for range before {
		happen()
		w.pass(3 * time.Second)
	}
	w.alive = false
	for i := range during {
		w.at(time.Duration(i)*outage/during, func() {
			id := happen()
			if i%20 == 0 { // the gateway had it when the attempt timed out
				late := time.Duration(10+w.random.IntN(80)) * time.Second
				w.at(late, func() { w.accept(id, "late-"+id) })
				if i%40 == 0 {
					w.at(late+5*time.Second, func() { w.accept(id, "twice-"+id) })
				}
			}
		})
	}
	w.at(outage, func() { w.alive = true })
	for i := range behind {
		w.at(outage+time.Duration(i)*time.Second, func() {
			w.alive = i%30 != 0
			happen()
			w.alive = true
		})
	}
	return ids
}

func TestAnOutageLeavesNoGapAndNoSecondDelivery(t *testing.T) {
	t.Parallel()
	t.Run("GitHub", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, gitText)
		w.noRetry = true
		hub := accounttest.NewGitHub(accounttest.Options{Deliver: w.deliver, Now: func() time.Time { return w.now.Add(7 * time.Second) }, Late: 5 * time.Second, Token: "token"})
		w.api = hub
		ids := recoverFrom(t, w, hub)
		tallies := w.tallies()
		asked := int(tallies[store.SentRedelivered])
		require.Greater(t, asked, during*9/10)
		require.EqualValues(t, len(ids), total(tallies), "the ledger is exact")
		optimal := pages(len(ids)) + pages(asked) + asked
		t.Logf("GitHub: %d calls, an optimal client %d; %v; killed %d times", hub.Calls(), optimal, tallies, w.kills)
		require.LessOrEqual(t, hub.Calls(), optimal*12/10)
	})
	t.Run("Stripe", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, stripeText)
		pay := accounttest.NewStripe(accounttest.Options{Deliver: w.deliver, Now: func() time.Time { return w.now.Add(-3 * time.Second) }, Late: 5 * time.Second, Token: "token"})
		w.api = pay
		for _, after := range []time.Duration{20 * time.Minute, 50 * time.Minute, 70 * time.Minute, 100 * time.Minute} {
			w.at(after, pay.Retry)
		}
		recoverFrom(t, w, pay)
		tallies := w.tallies()
		rounds := int(span / (5 * time.Minute))
		optimal := pages(during) + rounds
		t.Logf("Stripe: %d calls, an optimal client %d; %v; killed %d times", pay.Calls(), optimal, tallies, w.kills)
		require.LessOrEqual(t, pay.Calls(), optimal*12/10)
	})
}

// span is how long the reconciler works.
const span = 3 * time.Hour

func recoverFrom(t *testing.T, w *world, p sends) []string {
	t.Helper()
	const kills = 20
	ids := suffer(w, p)
	w.run(span, kills, 400)
	require.Equal(t, kills, w.kills)
	w.exactlyOnce(*ids)
	tallies := w.tallies()
	require.Zero(t, tallies[store.SentLost])
	for _, state := range store.SentStates() {
		require.False(t, state.Open() && tallies[state] > 0, "%s: %d", state, tallies[state])
	}
	require.Empty(t, w.row().Trouble)
	return *ids
}

func total(tallies map[store.SentState]int64) (n int64) {
	for _, one := range tallies {
		n += one
	}
	return n
}

// pages is how many pages of a list hold so many.
func pages(n int) int { return (n + 99) / 100 }
