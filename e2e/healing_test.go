package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// healing is a route whose first attempt fails: its events go through a delay.
const healing = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
`

// Nothing that deliverers only publish to is missed by a consumer. Its deletion shows in the
// first publish to it, and costs no attempt beyond that.
func TestWhatDeliverersPublishToIsMadeAgainWhenItIsGone(t *testing.T) {
	t.Parallel()
	gone := map[string]func(*testing.T, *amqptest.Vhost){
		"the status stream":            func(t *testing.T, v *amqptest.Vhost) { v.DeleteQueue(t, "penstock.status") },
		"the exchange of the delays":   func(t *testing.T, v *amqptest.Vhost) { v.DeleteExchange(t, "penstock.delay") },
		"a delay level":                func(t *testing.T, v *amqptest.Vhost) { v.DeleteQueue(t, "penstock.level.00001") },
		"the queue of returns":         func(t *testing.T, v *amqptest.Vhost) { v.DeleteQueue(t, "penstock.return") },
		"the exchange of dead letters": func(t *testing.T, v *amqptest.Vhost) { v.DeleteExchange(t, "penstock.dead") },
		"the queue of dead letters":    func(t *testing.T, v *amqptest.Vhost) { v.DeleteQueue(t, "penstock.dead.everything") },
	}
	for name, remove := range gone {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vhost := amqptest.New(t)
			s := setupOn(t, healing, vhost.URL)
			s.receiver.answer = func(attempt int, _ arrival) int {
				if attempt == 1 {
					return http.StatusInternalServerError
				}
				return http.StatusBadRequest // a dead letter
			}
			s.startGateway()
			s.startDeliverer()
			s.receiver.await(s.accept(newGithubEvent(1)), 2)
			require.NotEmpty(t, s.operator().await("penstock.dead.everything").MessageId)

			remove(t, vhost)
			removed := time.Now()
			id := s.accept(newGithubEvent(2))
			arrivals := s.receiver.await(id, 2)
			require.Equal(t, "2", arrivals[1].header.Get("Penstock-Attempt"))
			s.operator().awaitQueue("penstock.dead.everything")
			require.Equal(t, id, s.operator().await("penstock.dead.everything").MessageId)
			t.Logf("a dead letter %v after it was gone", time.Since(removed).Round(time.Millisecond))
			require.Less(t, time.Since(removed), 20*time.Second)
			require.Len(t, s.receiver.of(id), 2, "no attempt is made twice")
		})
	}
}
