package track_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestAQueueOfRecordsIsStoredOnceAndInOrderWhateverInterruptsIt(t *testing.T) {
	t.Parallel()
	b := setupWith(t, true)
	proxy := amqptest.NewProxy(t, b.URL)
	b.cfg.URLs = []string{proxy.URL} // of the trackers; the publisher has its own way
	const events = 600
	id := func(n int) string { return fmt.Sprintf("event-%d", n) }
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for n := range events {
			b.tell(t, status.Record{Kind: status.Retrying, Event: id(n), Source: "shop", Route: "billing"})
			b.tell(t, status.Record{Kind: status.Delivered, Event: id(n), Source: "shop", Route: "billing"})
		}
	})
	b.interrupt(t, proxy)
	publishing.Wait()
	b.tracker(t, b.store, 0)
	b.eventually(t, id(events-1), storetest.In("billing", store.Delivered))
	for n := range events {
		e := b.eventually(t, id(n), storetest.In("billing", store.Delivered))
		require.Equal(t, 2, e.Deliveries[0].Records, "each record counts once")
	}
	require.Eventually(t, func() bool { return b.Depth(t, topology.Status) == 0 }, patience, patience/1000)
	gaps, err := b.store.Gaps(b.ctx)
	require.NoError(t, err)
	require.Empty(t, gaps)
}
