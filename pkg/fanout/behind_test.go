package fanout_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

// On a broker whose confirms come late the archive does not wait for them. It claims nothing
// all the same: neither for copies that wait for a place, nor for those that are on their way
// when the connection is lost.
func TestTheArchiveListsNoEventThatARouteDoesNotHave(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	proxy := amqptest.NewProxy(t, vhost.URLs[0])
	through := *vhost
	through.URLs = []string{proxy.URL}
	proxy.DelayConfirms(2 * time.Second)
	b := setup(t, &through)
	require.NoError(t, b.publish("order"), "every queue is known to take events")
	archive := newReading(t, amqpx.Config{URLs: vhost.URLs}, topology.Archive)
	require.Eventually(t, func() bool { return archive.count() == 1 }, waitFor, time.Millisecond)
	var others, all sync.WaitGroup
	for range 100 { // more than may be without an answer: events wait for a place
		others.Go(func() {
			_ = b.Forward(t.Context(), topology.Routes, topology.RouteQueue("a"), topology.DeferredQueue("a"), newEvent("order").Message)
		})
	}
	full := 1 + 24*amqpx.DefaultConnections
	require.Eventually(t, func() bool { return b.vhost.Depth(t, topology.RouteQueue("a")) == full }, waitFor, time.Millisecond)
	for range 30 {
		all.Go(func() { _ = b.publish("order") })
	}
	answered := make(chan struct{})
	go func() { others.Wait(); close(answered) }()
	require.Eventually(t, func() bool { return archive.count() > 1 || !isOpen(answered) }, waitFor, time.Millisecond)
	proxy.Cut()
	all.Wait()
	<-answered

	s := &site{vhost: vhost}
	for _, route := range []string{"a", "b"} {
		has, deferred := s.drain(t, topology.RouteQueue(route)), s.drain(t, topology.DeferredQueue(route))
		for _, id := range archive.ids() {
			require.Positive(t, has[id]+deferred[id], "route %s does not have %s", route, id)
		}
	}
}

func isOpen(c <-chan struct{}) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

func (r *reading) ids() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.seen {
		ids = append(ids, id)
	}
	return ids
}

func (r *reading) count() int { return len(r.ids()) }
