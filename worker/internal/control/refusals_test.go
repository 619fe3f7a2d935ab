package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func (b *bench) refuse(instance string, number, n int64) {
	b.t.Helper()
	now := time.Now()
	m, err := refusal.Encode(refusal.Report{
		Instance: instance, Number: number, At: now, Counts: []refusal.Count{{Source: "shop", Reason: "signature", N: n, LastAt: now}},
	})
	require.NoError(b.t, err)
	require.NoError(b.t, b.publisher.Publish(b.ctx, amqpx.Publication{Exchange: topology.Refused, Message: m}))
}

func TestWhatGatewaysRefuseIsCountedOnceWhoeverCollects(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := storetest.New(t)
	counted := func(want int64) func() bool {
		return func() bool {
			all, err := s.Refusals(b.ctx, time.Now().Add(-time.Hour))
			require.NoError(t, err)
			return len(all) == 1 && all[0].Count == want
		}
	}
	b.refuse("one", 1, 3)
	b.refuse("one", 1, 3) // it was not confirmed
	b.refuse("two", 1, 4)
	stop := lifecycle.Background(b.ctx, (&control.Collector{Consumer: b.consumer, Store: s, Log: b.log}).Run)
	require.Eventually(t, counted(7), patience, 10*time.Millisecond)
	require.NoError(t, stop(b.ctx))

	b.refuse("one", 2, 5)
	b.background((&control.Collector{Consumer: b.consumer, Store: s, Log: b.log}).Run) // it begins at the beginning again
	require.Eventually(t, counted(12), patience, 10*time.Millisecond)
	b.refuse("three", 1, 1)
	require.Eventually(t, counted(13), patience, 10*time.Millisecond, "all before it are counted, and none twice")
}

func TestWithoutStreamsTheCollectorHearsDeliverersToo(t *testing.T) {
	t.Parallel()
	b := setupWith(t, topology.Plan{NoStreams: true})
	s := storetest.New(t)
	fleet := control.NewFleet(b.consumer, b.log)
	look := func() control.Report {
		return control.Report{Destinations: []control.Destination{{Name: "billing", Breaker: "closed"}}}
	}
	b.background(control.NewReporter("one/1", b.publisher, look, b.log).Run)
	b.refuse("one", 1, 3)
	b.background((&control.Collector{Consumer: b.consumer, Store: s, Fleet: fleet, Log: b.log}).Run)
	require.Eventually(t, func() bool {
		all, err := s.Refusals(b.ctx, time.Now().Add(-time.Hour))
		require.NoError(t, err)
		return len(all) == 1 && all[0].Count == 3 && len(fleet.Reports()) == 1
	}, patience, 10*time.Millisecond)
}
