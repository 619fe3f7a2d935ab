package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// healedWithin is how long it takes at most until everything works again that was taken
// away: what shows nothing is declared again once a minute, and a queue that brings nothing
// is consumed again after a minute or two.
const healedWithin = 150 * time.Second

// Whatever an operator takes away under running processes is made again, all kinds of
// objects alike: no name is in this test.
func TestEveryObjectThatIsGoneIsMadeAgain(t *testing.T) {
	t.Parallel()
	exchanges := func(o amqptest.Object) bool { return !o.IsBinding() && o.Exchange != "" }
	queues := func(o amqptest.Object) bool { return !o.IsBinding() && o.Queue != "" }
	tests := map[string]struct {
		which func(amqptest.Object) bool
		how   func(*amqptest.Vhost, testing.TB, ...amqptest.Object)
	}{
		"every binding is gone":                 {amqptest.Object.IsBinding, (*amqptest.Vhost).Remove},
		"every exchange is gone":                {exchanges, (*amqptest.Vhost).Remove},
		"every queue and stream is gone":        {queues, (*amqptest.Vhost).Remove},
		"every exchange was made again at once": {exchanges, (*amqptest.Vhost).Remake},
		"every queue and stream was made again": {queues, (*amqptest.Vhost).Remake},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t)
			i.requireWhole(1)
			all := i.vhost.Objects(t)
			var chosen []amqptest.Object
			for _, o := range all {
				if tt.which(o) {
					chosen = append(chosen, o)
				}
			}
			require.NotEmpty(t, chosen)
			tt.how(i.vhost, t, chosen...)
			gone := time.Now()
			require.Eventually(t, func() bool { return len(i.vhost.Missing(all)) == 0 }, healedWithin, 500*time.Millisecond)
			t.Logf("%d objects are there again after %v", len(all), time.Since(gone).Round(time.Second))
			i.requireWhole(2)
			t.Logf("all works again after %v", time.Since(gone).Round(time.Second))
			require.Less(t, time.Since(gone), healedWithin+30*time.Second)
		})
	}
}

// A queue that is deleted and made again at once loses its bindings, and the broker has
// forgotten its consumer: nothing fails, and nothing arrives.
func TestAQueueThatWasMadeAgainByAnOperatorIsBoundAgain(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	i.requireWhole(1)
	for _, o := range i.vhost.Objects(t) {
		if o.Queue == "penstock.route.everything" && !o.IsBinding() {
			i.vhost.Remake(t, o)
		}
	}
	made := time.Now()
	i.requireWhole(2)
	t.Logf("all works again after %v", time.Since(made).Round(time.Second))
}

// installation is a gateway, a deliverer and a tracker. The first attempt at each event
// fails, and the second one is the last.
type installation struct {
	*stack
	vhost   *amqptest.Vhost
	tracker *tracker
	sent    int
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	vhost := amqptest.New(t)
	i := &installation{stack: setupOn(t, healing, vhost.URL), vhost: vhost}
	i.receiver.answer = func(attempt int, _ arrival) int {
		if attempt == 1 {
			return http.StatusInternalServerError
		}
		return http.StatusBadRequest // a dead letter
	}
	i.startGateway()
	i.startDeliverer()
	i.tracker = i.startTracker()
	return i
}

// requireWhole sends events until one of them has gone all the way: it was accepted,
// attempted, delayed, attempted again, is a dead letter, and the tracker knows it. What was
// sent while something was gone may wait for a replay.
func (i *installation) requireWhole(number int) {
	i.t.Helper()
	var ids []string
	require.Eventually(i.t, func() bool {
		if i.sent++; i.sent%5 == 1 { // many failures at once would rest the destination
			if a := i.post(newGithubEvent(1000*number + i.sent)); a.status == http.StatusOK {
				ids = append(ids, a.eventID())
			}
		}
		for _, id := range ids {
			if len(i.receiver.of(id)) > 1 && i.tracker.state(id) == "dead" {
				return true
			}
		}
		return false
	}, healedWithin, time.Second, "no event goes all the way")
}

// state returns what became of an event on its only route; empty: the tracker does not know it.
func (t *tracker) state(id string) string {
	var found struct {
		Event struct {
			Deliveries []struct {
				State string `json:"state"`
			} `json:"deliveries"`
		} `json:"event"`
	}
	status, body := t.ask("/events/" + id)
	if status != http.StatusOK {
		return ""
	}
	require.NoError(t.t, json.Unmarshal(body, &found))
	if len(found.Event.Deliveries) == 0 {
		return ""
	}
	return found.Event.Deliveries[0].State
}
