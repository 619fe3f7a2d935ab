package reconcile

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/worker/internal/store"
)

// A worker that is killed within a request leaves the request's timer behind until it ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.setRequestCancel.func4"))
}

// The events of an outage, and around it.
const (
	before = 20
	behind = 600
	outage = 30 * time.Minute
)

// during is how many events occur in an outage. PENSTOCK_OUTAGE says how many: 5000 take half a
// minute without the race detector, and an hour with it.
var during = eventsDuring()

func eventsDuring() int {
	if n, err := strconv.Atoi(os.Getenv("PENSTOCK_OUTAGE")); err == nil && n > 0 {
		return n
	}
	return 400
}

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
		w.at(time.Duration(i)*outage/time.Duration(during), func() {
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
	for _, p := range providers() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, p.text(), p.secret)
			fake := p.start(w)
			if again, ok := fake.(retries); ok {
				for _, after := range []time.Duration{20 * time.Minute, 50 * time.Minute, 70 * time.Minute, 100 * time.Minute} {
					w.at(after, again.Retry)
				}
			}
			ids := recoverFrom(t, w, fake)
			tallies := w.tallies()
			asked := int(tallies[store.SentRedelivered])
			require.Equal(t, p.redelivers, asked > during*9/10)
			if p.all {
				require.EqualValues(t, len(ids), total(tallies), "the ledger is exact")
			}
			optimal := p.optimal(len(ids), during, asked)
			t.Logf("%d calls, an optimal client %d; %v; killed %d times", fake.Calls(), optimal, tallies, w.kills)
			require.LessOrEqual(t, fake.Calls(), optimal*12/10)
		})
	}
}

// A pace of five a minute makes an hour of what takes others moments.
func TestRedeliveriesOfGitLabAreAskedForAtItsPace(t *testing.T) {
	t.Parallel()
	p := providers()[1]
	p.account += ", redeliver: true"
	w := newWorld(t, p.text(), p.secret)
	fake := p.start(w)
	const missing = 200
	ids := []string{fake.Happen("push")}
	w.pass(3 * time.Second)
	w.alive = false
	for range missing {
		ids = append(ids, fake.Happen("push"))
		w.pass(time.Second)
	}
	w.alive = true
	require.Empty(t, w.run(span, 5, 100))
	w.exactlyOnce(ids)
	require.Equal(t, map[store.SentState]int64{store.SentAccepted: 1, store.SentRedelivered: missing}, w.tallies())
	require.LessOrEqual(t, fake.Calls(), p.optimal(len(ids), missing, missing)*12/10)
}

// span is how long the reconciler works.
const span = 3 * time.Hour

func recoverFrom(t *testing.T, w *world, p sends) []string {
	t.Helper()
	const kills = 20
	ids := suffer(w, p)
	w.run(span, kills, max(400*during/5000, 10))
	require.Equal(t, kills, w.kills)
	tallies := w.tallies()
	require.Zero(t, tallies[store.SentLost], "%v", tallies)
	w.exactlyOnce(*ids)
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
