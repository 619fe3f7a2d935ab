package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ordered is a configuration with a route that keeps the order of each key.
const ordered = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s, concurrency: 64}
routes:
  orders:
    from: [github]
    to: receiver
    ordering: {key: body.order, partitions: 8}
    retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 100}
`

// numbered is the body of an event: which one of its order it is.
type numbered struct {
	Order string `json:"order"`
	N     int    `json:"n"`
}

// orderBook is a receiver's memory of what was done with the events of each order.
type orderBook struct {
	mu      sync.Mutex
	next    map[string]int // the number of the next event of an order
	done    int            // events that were accepted, or refused for good
	refused int            // of those
	again   int            // arrivals of what was done before
	wrong   []string
}

// answer accepts most events, fails one attempt of fourteen, and refuses a few for good.
func (b *orderBook) answer(_ int, a arrival) int {
	var e numbered
	if err := json.Unmarshal(a.body, &e); err != nil {
		return http.StatusBadRequest
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.next[e.Order]
	switch {
	case e.N < next:
		b.again++
		return http.StatusOK
	case rand.IntN(14) == 0:
		return http.StatusInternalServerError
	case e.N > next:
		b.wrong = append(b.wrong, fmt.Sprintf("order %s: event %d came before %d was done with", e.Order, e.N, next))
		return http.StatusOK
	}
	b.next[e.Order]++
	b.done++
	if e.N == 2 && e.Order[len(e.Order)-2:] == "00" {
		b.refused++
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func (b *orderBook) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done
}

// sendUntilAccepted sends an event again after a 503, as its sender would.
func (s *stack) sendUntilAccepted(ctx context.Context, e githubEvent) error {
	for {
		req, err := e.request(ctx, s.url+"/in/github")
		if err != nil {
			return err
		}
		switch a, err := do(s.client, req); {
		case err != nil:
			return err
		case a.status/100 == 2:
			return nil
		case a.status != http.StatusServiceUnavailable:
			return fmt.Errorf("answered %d", a.status)
		}
	}
}

// send sends the events of some orders, those of each one after the other.
func (b *orderBook) send(ctx context.Context, s *stack, worker, workers, orders, each int) error {
	for n := range each {
		for o := worker; o < orders; o += workers {
			e := newGithubEvent(0)
			e.delivery = fmt.Sprintf("%08d-%04d-4000-8000-000000000000", o, n)
			e.body = fmt.Sprintf(`{"order":"order-%04d","n":%d}`, o, n)
			if err := s.sendUntilAccepted(ctx, e); err != nil {
				return fmt.Errorf("event %d of order %d: %w", n, o, err)
			}
		}
	}
	return nil
}

func TestAThousandKeysKeepTheirOrderWhileDeliverersAreKilled(t *testing.T) {
	t.Parallel()
	const orders, each, workers = 1000, 6, 16
	s := setup(t, ordered)
	s.env["PENSTOCK_LOG_LEVEL"] = "info"
	book := &orderBook{next: map[string]int{}}
	s.receiver.answer = book.answer
	s.startGateway()
	deliverers := []*process{s.startDeliverer(), s.startDeliverer()}

	var sending sync.WaitGroup
	for w := range workers {
		sending.Go(func() {
			if err := book.send(t.Context(), s, w, workers, orders, each); err != nil {
				t.Error(err)
			}
		})
	}
	for i, share := range []int{20, 40, 60, 80} {
		require.Eventually(t, func() bool { return book.count() > orders*each*share/100 }, 240*time.Second, time.Millisecond)
		deliverers[i%2].kill()
		deliverers[i%2] = s.startDeliverer()
	}
	sending.Wait()
	require.Eventually(t, func() bool { return book.count() == orders*each }, 300*time.Second, 50*time.Millisecond, "events are lost")
	book.mu.Lock()
	defer book.mu.Unlock()
	require.Empty(t, book.wrong)
	require.Equal(t, orders/100, book.refused)
	t.Logf("%d events of %d keys, in order, four deliverers killed: %d attempts, %d of them at what was done before",
		book.done, orders, s.receiver.total(), book.again)
}
