package app_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/app"
)

// shop is a configuration with one route, "orders", from the source "shop".
func shop(url, more string) string {
	return fmt.Sprintf(`
sources:
  shop: {open: true}
destinations:
  billing: {url: %q}
routes:
  orders:
    from: [shop]
    types: ["order.#"]
    to: billing
    retry: {initial: 2s, factor: 1, jitter: 0, max: 2s}
%s`, url, more)
}

func TestAnEventIsTriedFourTimesOnTimeUntilTheReceiverTakesIt(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Penstock-Attempt") != "4" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w := setup(t, shop(r.URL+"/hooks", ""))
	a, _ := w.start(t)
	ready(t, a)
	id := w.accept(t, "order.paid", nil)
	last := r.next(t)
	require.Equal(t, "/hooks", last.path)
	for n := 2; n <= 4; n++ {
		got := r.next(t)
		require.Equal(t, id, got.id)
		require.Equal(t, strconv.Itoa(n), got.attempt)
		require.InDelta(t, 2, got.at.Sub(last.at).Seconds(), 0.5)
		last = got
	}
	_, metrics := ask(t, a, "/metrics")
	require.Regexp(t, `penstock_attempts_total\{outcome="retrying",reason="server-error",route="orders"\} 3`, metrics)
}

func TestARefusalIsADeadLetterWithItsReason(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	id := w.accept(t, "order.paid", nil)
	m := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, id, m.ID)
	require.Equal(t, "rejected", m.Text(event.HeaderReason))
	require.EqualValues(t, 400, m.Int(event.HeaderStatus))
	require.Len(t, r.got, 1)
}

func TestAFilterKeepsEventsBack(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, "    filter: body.amount > 10\n"))
	a, _ := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", map[string]int{"amount": 1})
	id := w.accept(t, "order.paid", map[string]int{"amount": 11})
	require.Equal(t, id, r.next(t).id)
	require.Eventually(t, func() bool {
		_, metrics := ask(t, a, "/metrics")
		return regexpMatch(`penstock_attempts_total\{outcome="filtered",reason="",route="orders"\} 1`, metrics)
	}, patience, 20*time.Millisecond)
	require.Empty(t, r.got)
}

func TestOneEventGoesToEveryRouteThatTakesIt(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, "  copies:\n    from: [shop]\n    to: billing\n"))
	a, _ := w.start(t)
	ready(t, a)
	id := w.accept(t, "order.paid", nil)
	require.Equal(t, []string{id, id}, []string{r.next(t).id, r.next(t).id})
}

func TestOnlyTheChosenRoutesAreConsumed(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, "  copies:\n    from: [shop]\n    to: billing\n"))
	w.settings.Routes = []string{"copies", "missing"}
	a, _ := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", nil)
	r.next(t)
	waiting(t, w, "orders", 1)
	require.Empty(t, r.got)
}

// waiting waits until n events are in a route's queue.
func waiting(t *testing.T, w *world, route string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return w.vhost.Depth(t, topology.RouteQueue(route)) == n }, patience, 50*time.Millisecond)
}

func TestAStopLetsTheRunningAttemptFinish(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-finish })
	w := setup(t, shop(r.URL, ""))
	a, stop := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", nil)
	r.next(t)
	time.AfterFunc(300*time.Millisecond, func() { close(finish) })
	stop()
	require.Zero(t, w.vhost.Depth(t, topology.RouteQueue("orders")), "the attempt was thrown away")
}

func TestAStopGivesUpOnAnAttemptThatDoesNotEndAndKeepsTheEvent(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-finish })
	t.Cleanup(func() { close(finish) })
	w := setup(t, shop(r.URL, ""))
	w.settings.ShutdownTimeout = 300 * time.Millisecond
	a, stop := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", nil)
	r.next(t)
	stop()
	waiting(t, w, "orders", 1)
}

func TestADestinationThatAsksForTimeIsLeftAloneAndTheOtherEventsLoseNoAttempt(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	var asked atomic.Bool
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		if !asked.Swap(true) {
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
	w := setup(t, strings.Replace(shop(r.URL, ""), "billing: {", "billing: {concurrency: 1, ", 1))
	a, _ := w.start(t)
	ready(t, a)
	want := map[string]string{} // the attempt that reaches the receiver, by event
	first := w.accept(t, "order.paid", nil)
	refused := r.next(t)
	require.Equal(t, first, refused.id)
	want[first] = "2"
	for range 20 {
		want[w.accept(t, "order.paid", nil)] = "1"
	}
	for range 21 {
		got := r.next(t)
		require.GreaterOrEqual(t, got.at.Sub(refused.at), 2900*time.Millisecond)
		require.Equal(t, want[got.id], got.attempt)
		delete(want, got.id)
	}
	require.Empty(t, want)
}

func TestADeletedQueueIsMadeAgainAndConsumed(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	w.vhost.DeleteQueue(t, topology.RouteQueue("orders"))
	require.Eventually(t, func() bool { status, _ := ask(t, a, "/readyz"); return status != http.StatusOK },
		patience, 5*time.Millisecond, "a route that is not consumed is not ready")
	ready(t, a)
	require.Equal(t, w.accept(t, "order.paid", nil), r.next(t).id)
}

func TestItStartsAndStopsWithoutABroker(t *testing.T) {
	t.Parallel()
	w := setup(t, shop("http://127.0.0.1:1", ""))
	w.settings.AMQPURLs = []string{"amqp://guest:guest@127.0.0.1:1/"}
	a, stop := w.start(t)
	status, body := ask(t, a, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "topology")
	status, _ = ask(t, a, "/healthz")
	require.Equal(t, http.StatusOK, status)
	stop()
}

func TestAWrongConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, "routes: {orders: {from: [nobody], to: nowhere}}")
	_, err := app.NewDeliverer(t.Context(), w.settings, nil, zaptest.NewLogger(t))
	var wrong *config.Error
	require.ErrorAs(t, err, &wrong)
}
