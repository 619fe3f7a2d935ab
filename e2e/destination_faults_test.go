package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// order posts to the tracker's API.
func (t *tracker) order(path string) int {
	t.t.Helper()
	return t.command(path, "{}")
}

// command posts a body to the tracker's API.
func (t *tracker) command(path, body string) int {
	t.t.Helper()
	req, err := http.NewRequestWithContext(t.t.Context(), http.MethodPost, t.url+path, strings.NewReader(body))
	require.NoError(t.t, err)
	req.Header.Set("Content-Type", "application/json")
	a, err := do(http.DefaultClient, req)
	require.NoError(t.t, err)
	return a.status
}

func TestADestinationThatAsksForAYearIsResumedByAnOperator(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.Header.Get("X-Github-Delivery"), "00000001-") {
			w.Header().Set("Retry-After", "31536000")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		s.receiver.serve(w, req)
	})
	s.startGateway()
	deliverer, tracker := s.startDeliverer(), s.startTracker()
	s.accept(newGithubEvent(1))
	rests := func() bool {
		_, page := deliverer.get("/metrics")
		return containsLine(page, `penstock_route_paused{route="everything"} 1`)
	}
	require.Eventually(t, rests, 30*time.Second, 50*time.Millisecond, "it does not rest")
	waiting := s.accept(newGithubEvent(2))
	require.Equal(t, http.StatusOK, tracker.order("/destinations/receiver/resume"))
	s.receiver.await(waiting, 1)
}

// What a program of somebody else puts into the queue of an ordered route is a dead letter,
// whatever its headers are, and the events behind it are delivered.
func TestAForeignMessageIsADeadLetterAndHoldsUpNoOrderedRoute(t *testing.T) {
	t.Parallel()
	s := setup(t, orderly)
	s.startGateway()
	deliverer := s.startDeliverer()
	deliverer.stop()
	foreign := amqp.Publishing{
		DeliveryMode: amqp.Persistent, MessageId: "foreign", Body: []byte("{}"),
		Headers: amqp.Table{"trace": amqp.Table{"hops": []any{amqp.Table{"at": time.Now(), "cost": amqp.Decimal{Scale: 2, Value: 5}}, nil, 1.5}}},
	}
	require.NoError(t, s.operator().channel().PublishWithContext(t.Context(), "", "penstock.route.orders", false, false, foreign))
	id := s.accept(orderEvent(1, "a"))
	s.startDeliverer()
	s.receiver.await(id, 1)
	letter := s.operator().await("penstock.dead.orders")
	require.Equal(t, "foreign", letter.MessageId)
	require.Contains(t, letter.Headers, "trace")
}

func TestALargeEventThatIsRefusedBeforeItIsReadIsADeadLetterWithItsStatus(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"))
			_ = conn.Close()
		}
	})
	s.startGateway()
	s.startDeliverer()
	e := newGithubEvent(1)
	e.body = `{"pad":"` + string(bytes.Repeat([]byte("x"), 4<<20)) + `"}`
	id := s.accept(e)
	letter := s.operator().await("penstock.dead.everything")
	require.Equal(t, id, letter.MessageId)
	require.EqualValues(t, http.StatusRequestEntityTooLarge, letter.Headers["penstock-status"])
}
