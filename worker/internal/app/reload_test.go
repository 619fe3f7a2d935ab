package app_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

func regexpMatch(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

func TestANewRouteStartsWhenTheFileChanges(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	w.write(t, shop(r.URL, "  refunds:\n    from: [shop]\n    types: [refund]\n    to: billing\n"))
	require.Eventually(t, func() bool {
		_, metrics := ask(t, a, "/metrics")
		w.accept(t, "refund", nil) // kept by the archive alone until the route is there
		return len(r.got) > 0 && regexpMatch(`penstock_config_last_reload_success 1`, metrics)
	}, patience, 200*time.Millisecond)
}

func TestARouteWhoseQueueIsThereOtherwiseIsShownAsRefused(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	require.NoError(t, amqpx.Declare(t.Context(), amqpx.Config{URLs: w.vhost.URLs}, amqpx.Topology{
		Queues: []amqpx.Queue{{Name: topology.RouteQueue("refunds"), Args: map[string]any{"x-queue-type": "quorum"}}},
	}))
	w.write(t, shop(r.URL, "  refunds:\n    from: [shop]\n    types: [refund]\n    to: billing\n"))
	shows := func(line string) func() bool {
		return func() bool { _, metrics := ask(t, a, "/metrics"); return regexpMatch(line, metrics) }
	}
	require.Eventually(t, shows(`penstock_config_last_reload_success 0`), patience, 200*time.Millisecond)
	w.write(t, shop(r.URL, ""))
	require.Eventually(t, shows(`penstock_config_last_reload_success 1`), patience, 200*time.Millisecond)
}

func TestARemovedRouteStopsAndItsEventsWait(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	copies := "  copies:\n    from: [shop]\n    to: billing\n"
	w := setup(t, shop(r.URL, copies))
	a, _ := w.start(t)
	ready(t, a)
	w.accept(t, "order.paid", nil)
	r.next(t)
	r.next(t)
	before := w.routes
	w.write(t, shop(r.URL, ""))
	w.routes = before // of a gateway that has not read the file yet
	require.Eventually(t, func() bool {
		w.accept(t, "order.paid", nil)
		r.next(t)
		return w.vhost.Depth(t, topology.RouteQueue("copies")) > 0
	}, patience, 200*time.Millisecond)
}

func TestAChangedDestinationLosesNothing(t *testing.T) {
	t.Parallel()
	before, after := newReceiver(t, nil), newReceiver(t, nil)
	w := setup(t, shop(before.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	want := map[string]bool{}
	for i := range 200 {
		want[w.accept(t, "order.paid", i)] = true
		if i == 50 {
			w.write(t, shop(after.URL, ""))
		}
	}
	for len(want) > 0 {
		select {
		case got := <-before.got:
			delete(want, got.id)
		case got := <-after.got:
			delete(want, got.id)
		case <-time.After(patience):
			require.Failf(t, "lost", "%d events", len(want))
		}
	}
	require.Eventually(t, func() bool { w.accept(t, "order.paid", nil); return len(after.got) > 0 }, patience, 100*time.Millisecond)
}

func TestAnInvalidChangeIsRefusedAndShown(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	w := setup(t, shop(r.URL, ""))
	a, _ := w.start(t)
	ready(t, a)
	w.write(t, "routes: nonsense")
	require.Eventually(t, func() bool {
		_, metrics := ask(t, a, "/metrics")
		return regexpMatch(`penstock_config_last_reload_success 0`, metrics)
	}, patience, 50*time.Millisecond)
	id := w.accept(t, "order.paid", nil)
	require.Equal(t, id, r.next(t).id)
	ready(t, a)
}
