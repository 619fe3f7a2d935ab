package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

// A deliverer whose queue of dead letters is full goes on, and shows it.
func TestAFullQueueOfDeadLettersHoldsNothingUp(t *testing.T) {
	t.Parallel()
	const each = 100
	r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Penstock-Event-Type"), "bad") {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	})
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	undisturbed := w.deliver(t, r, each, "order.good")
	w.vhost.Limit(t, `^penstock\.dead\.`, 1)
	w.accept(t, "order.bad", nil)
	r.next(t)
	disturbed := w.deliver(t, r, each, "order.good", "order.bad")
	t.Logf("%d good events in %v, and in %v with as many bad ones", each, undisturbed, disturbed)

	require.Eventually(t, func() bool {
		_, metrics := ask(t, a, "/metrics")
		return regexpMatch(`penstock_dead_refused_total{route="orders"} [1-9]`, metrics)
	}, patience, 100*time.Millisecond)
	w.vhost.Limit(t, "", 0)
	require.Eventually(t, func() bool { return w.vhost.Depth(t, topology.DeadQueue("orders")) == each+1 }, patience, 200*time.Millisecond)
	require.Empty(t, r.got, "a dead letter is not tried again")
}

// deliver accepts n events of each type, and returns how long it takes until all are attempted.
func (w *world) deliver(t *testing.T, r *receiver, n int, types ...string) time.Duration {
	t.Helper()
	began := time.Now()
	for range n {
		for _, typ := range types {
			w.accept(t, typ, nil)
		}
	}
	for range n * len(types) {
		r.next(t)
	}
	return time.Since(began)
}
