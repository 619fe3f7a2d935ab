package replay_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

// bury publishes n dead letters of others to a route's queue of them.
func (b *bench) bury(route string, n int) {
	b.t.Helper()
	work, ctx := errgroup.WithContext(b.ctx)
	work.SetLimit(64)
	for range n {
		work.Go(func() error {
			m, err := event.Encode(&event.Event{
				ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Attempt: 1, Body: []byte("{}"),
				Request: event.Request{Method: "POST", Path: "/in/shop"},
			})
			if err != nil {
				return err
			}
			return b.publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Dead, Key: route, Message: m})
		})
	}
	require.NoError(b.t, work.Wait())
}

func TestOneDeadLetterAmongThousandsIsReplayedByItsID(t *testing.T) {
	t.Parallel()
	const others = 3000
	b := setup(t)
	b.bury("billing", others/2)
	wanted := b.accept("order.paid", 1)[0]
	b.finish("billing", 1, status.Dead)
	b.bury("billing", others/2)
	stop := b.background(func(ctx context.Context) { b.runner(func(o *replay.Options) { o.Window = 0 }).Run(ctx) })
	began := time.Now()
	job := b.ended(b.ask(store.Replay, "", store.Filter{IDs: []string{wanted}, Route: "billing"}))
	t.Logf("it took %v", time.Since(began).Round(time.Millisecond))
	stop()
	require.Equal(t, store.JobDone, job.State)
	require.Equal(t, []int64{1, 1, 0}, []int64{job.Total, job.Done, job.Skipped})
	b.eventually(wanted, storetest.In("billing", store.Pending))
	b.depth(topology.DeadQueue("billing"), others)
	again := b.finish("billing", 1, status.Delivered)
	require.Equal(t, wanted, again[0].ID)
	require.Equal(t, job.ID, again[0].Text(event.HeaderReplay))
}
