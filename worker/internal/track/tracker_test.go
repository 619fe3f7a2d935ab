package track_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestAnEventIsFollowedFromItsAcceptanceToItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tracker, _ := b.tracker(t, b.store, 0)
	changed := tracker.Changed()
	id := b.accept(t, "shop", "order.paid", []byte("{}"))
	<-changed
	e := b.eventually(t, id, storetest.Archived)
	require.Equal(t, "shop", e.Source)
	require.Equal(t, "order.paid", e.Type)
	require.Equal(t, "p1", e.ProviderID)
	require.Equal(t, 2, e.Size)
	require.WithinDuration(t, time.Now(), e.ReceivedAt, time.Minute)
	require.True(t, storetest.In("billing", store.Pending)(e))
	require.True(t, storetest.In("all", store.Pending)(e))

	b.tell(t, status.Record{Kind: status.Retrying, Event: id, Route: "billing", Attempt: 1, Reason: fault.ReasonTimeout})
	b.eventually(t, id, storetest.In("billing", store.Retrying))
	b.tell(t, status.Record{Kind: status.Delivered, Event: id, Route: "billing", Attempt: 2},
		status.Record{Kind: status.Filtered, Event: id, Route: "all"})
	e = b.eventually(t, id, storetest.In("billing", store.Delivered))
	require.True(t, storetest.In("all", store.Filtered)(e))
	require.True(t, tracker.Active())
	require.NoError(t, tracker.Ready())
}

func TestAnEventThatNoRouteTakesIsUnrouted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tracker(t, b.store, 0)
	id := b.accept(t, "elsewhere", "push", nil)
	b.eventually(t, id, storetest.Archived)
	page, err := b.store.Events(b.ctx, store.Query{State: store.Unrouted})
	require.NoError(t, err)
	require.Len(t, page.Events, 1)
	require.Equal(t, id, page.Events[0].ID)
}

func TestReadingResumesExactlyWhateverInterruptsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proxy := amqptest.NewProxy(t, b.URL)
	b.cfg.URLs = []string{proxy.URL} // of the trackers; the publisher has its own way
	const events = 300
	var ids []string
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for range events {
			id := b.accept(t, "shop", "order.paid", nil)
			ids = append(ids, id)
			b.tell(t, status.Record{Kind: status.Retrying, Event: id, Route: "billing"}, status.Record{Kind: status.Delivered, Event: id, Route: "billing"})
		}
	})
	b.interrupt(t, proxy)
	publishing.Wait()
	b.tracker(t, b.store, 0)
	b.eventually(t, ids[events-1], storetest.In("billing", store.Delivered))
	for _, id := range ids {
		e := b.eventually(t, id, storetest.Archived)
		require.True(t, storetest.In("billing", store.Delivered)(e))
		require.Equal(t, 2, e.Deliveries[1].Records, "each record counts once")
	}
	_, sources, err := b.store.Tallies(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: events}}, sources)
	gaps, err := b.store.Gaps(b.ctx)
	require.NoError(t, err)
	require.Empty(t, gaps)
}

// interrupt runs one tracker after the other, and cuts their readers off wherever they are.
func (b *bench) interrupt(t *testing.T, proxy *amqptest.Proxy) {
	t.Helper()
	for range 4 {
		tracker, stop := b.tracker(t, b.store, 0)
		for range 3 {
			select {
			case <-tracker.Changed():
			case <-time.After(100 * time.Millisecond):
			}
		}
		proxy.Cut()
		select { // it comes back by itself, or is stopped while it tries
		case <-tracker.Changed():
		case <-time.After(300 * time.Millisecond):
		}
		stop()
	}
}

func TestWhatWasTruncatedBeforeItWasReadIsAGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.accept(t, "shop", "order.paid", nil)
	_, stop := b.tracker(t, b.store, 0)
	b.eventually(t, first, storetest.Archived)
	stop()
	var last string
	for range 100 { // ten times what the archive may hold
		last = b.accept(t, "shop", "order.paid", make([]byte, 20_000))
	}
	b.tracker(t, b.store, 0)
	e := b.eventually(t, last, storetest.Archived)
	gaps, err := b.store.Gaps(b.ctx)
	require.NoError(t, err)
	require.Len(t, gaps, 1)
	require.Equal(t, topology.Archive, gaps[0].Stream)
	require.EqualValues(t, 1, gaps[0].From)
	require.Greater(t, gaps[0].To, int64(1))
	require.LessOrEqual(t, gaps[0].To, e.Offset)
	require.Equal(t, "truncated", gaps[0].Reason)
}

func TestAStreamThatWasDeclaredAnewIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ before, after int }{
		"shorter than the old one": {before: 5, after: 2},
		"longer than the old one":  {before: 2, after: 5},
	} {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, while tracking: %v", name, running), func(t *testing.T) {
				t.Parallel()
				replaceArchive(t, tc.before, tc.after, running)
			})
		}
	}
}

func replaceArchive(t *testing.T, before, after int, running bool) {
	t.Helper()
	b := setup(t)
	var last string
	accept := func(n int) {
		for range n {
			last = b.accept(t, "shop", "order.paid", nil)
		}
	}
	accept(before)
	_, stop := b.tracker(t, b.store, 500*time.Millisecond)
	b.eventually(t, last, storetest.Archived)
	if !running {
		stop()
	}
	b.DeleteQueue(t, topology.Archive)
	b.declare(t)
	accept(after)
	if !running {
		b.tracker(t, b.store, 500*time.Millisecond)
	}
	b.eventually(t, last, storetest.Archived)
	_, sources, err := b.store.Tallies(b.ctx)
	require.NoError(t, err)
	require.EqualValues(t, before+after, sources[0].Accepted)
	gaps, err := b.store.Gaps(b.ctx)
	require.NoError(t, err)
	require.Len(t, gaps, 1)
	require.Equal(t, "replaced", gaps[0].Reason)
	require.EqualValues(t, before, gaps[0].From)
	require.Zero(t, gaps[0].To)
}

func TestARecordSaysTheRoutesThatItsEventWasPublishedTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tracker(t, b.store, 0)
	event := func() *event.Message { return b.message(t, "shop", "order.paid", nil) }
	elsewhere, nowhere, before := event(), event(), event()
	b.keep(t, routingtest.Archived(elsewhere, "elsewhere", "all"))
	b.keep(t, routingtest.Archived(nowhere))
	b.keep(t, before) // by a gateway that does not say it
	routesOf := func(id string) (names []string) {
		for _, d := range b.eventually(t, id, storetest.Archived).Deliveries {
			names = append(names, d.Route)
		}
		return names
	}
	require.ElementsMatch(t, []string{"all", "elsewhere"}, routesOf(elsewhere.ID))
	require.Empty(t, routesOf(nowhere.ID), "present but empty: no route")
	require.ElementsMatch(t, []string{"all", "billing"}, routesOf(before.ID), "guessed from the patterns")
}

func TestWhatCannotBeReadIsSkipped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tracker(t, b.store, 0)
	b.publish(t, topology.Routes, topology.Archive, &event.Message{Body: []byte("no event")})
	b.publish(t, "", topology.Status, &event.Message{ID: "x", Body: []byte("no record")})
	id := b.accept(t, "shop", "order.paid", nil)
	b.tell(t, status.Record{Kind: status.Delivered, Event: id, Route: "billing"})
	b.eventually(t, id, func(e *store.Event) bool { return storetest.Archived(e) && storetest.In("billing", store.Delivered)(e) })
}

func TestOneTrackerIsActiveAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, stop := b.tracker(t, b.store, 0)
	require.Eventually(t, first.Active, patience, 5*time.Millisecond)
	second, _ := b.tracker(t, b.open(t), 0)
	id := b.accept(t, "shop", "order.paid", nil)
	b.eventually(t, id, storetest.Archived)
	require.False(t, second.Active())
	stop()
	require.Eventually(t, second.Active, 15*time.Second, 10*time.Millisecond)
	require.False(t, first.Active())
	id = b.accept(t, "shop", "order.paid", nil)
	b.eventually(t, id, storetest.Archived)
}

func TestANewRouteIsNotMissedOnOlderEvents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tracker, _ := b.tracker(t, b.store, 0)
	b.eventually(t, b.accept(t, "git", "push", nil), storetest.In("all", store.Pending))
	tracker.Configure(map[string][]string{"all": {"shop.#", "git.#"}, "more": {"git.#"}})
	e := b.eventually(t, b.accept(t, "git", "push", nil), storetest.Archived)
	require.Len(t, e.Deliveries, 1, "the new route may not be bound yet")
	b.tell(t, status.Record{Kind: status.Delivered, Event: e.ID, Route: "more"})
	b.eventually(t, e.ID, storetest.In("more", store.Delivered))
}
