package control_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

type bench struct {
	t         *testing.T
	ctx       context.Context
	log       *zap.Logger
	consumer  *amqpx.Consumer
	publisher *amqpx.Publisher
	commander *control.Commander
	listen    func(*amqpx.Consumer, func(control.Command), *zap.Logger) *control.Listener
}

func setup(t *testing.T) *bench {
	t.Helper()
	return setupWith(t, topology.Plan{})
}

func setupWith(t *testing.T, plan topology.Plan) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	vhost := amqptest.New(t)
	cfg := amqpx.Config{URLs: vhost.URLs, Name: t.Name()}
	require.NoError(t, amqpx.Declare(ctx, cfg, plan.Topology()))
	log := zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	b := &bench{t: t, ctx: ctx, log: log, consumer: amqpx.NewConsumer(cfg, log), publisher: amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, log)}
	t.Cleanup(func() { require.NoError(t, b.consumer.Close(context.Background())) })
	t.Cleanup(func() { require.NoError(t, b.publisher.Close(context.Background())) })
	b.listen = control.NewListener
	if plan.NoStreams {
		b.listen = control.NewPoller
	}
	b.commander = &control.Commander{Wishes: storetest.New(t), Publisher: b.publisher, Log: log}
	require.Eventually(t, func() bool { return b.publisher.Ready() == nil && b.consumer.Ready() == nil }, patience, 10*time.Millisecond)
	return b
}

func (b *bench) background(run func(context.Context)) {
	stop := lifecycle.Background(b.ctx, run)
	b.t.Cleanup(func() { require.NoError(b.t, stop(context.Background())) })
}

// obedient is a deliverer that does what it is told.
type obedient struct {
	*control.Listener

	mu     sync.Mutex
	paused []string
}

func (b *bench) deliverer() *obedient {
	o := &obedient{}
	o.Listener = b.listen(b.consumer, func(c control.Command) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.paused = c.Paused
	}, b.log)
	b.background(o.Run)
	select {
	case <-o.Settled():
	case <-time.After(patience):
		require.Fail(b.t, "it never settled")
	}
	return o
}

func (o *obedient) pauses(names ...string) func() bool {
	return func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return slices.Equal(o.paused, names)
	}
}

func TestAPauseReachesEveryDelivererAlsoOneThatStartsLater(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]topology.Plan{"by a stream": {}, "by a queue": {NoStreams: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requirePausesArrive(t, setupWith(t, plan))
		})
	}
}

// pause is what anna wants of a destination.
func pause(name string, paused bool) store.Pause {
	return store.Pause{Of: store.OfDestination, Name: name, Paused: paused, By: "anna"}
}

func requirePausesArrive(t *testing.T, b *bench) {
	t.Helper()
	first := b.deliverer()
	require.True(t, first.pauses()(), "nobody said anything yet")
	require.NoError(t, b.commander.Pause(b.ctx, pause("crm", true)))
	require.NoError(t, b.commander.Pause(b.ctx, pause("billing", true)))
	require.Eventually(t, first.pauses("billing", "crm"), patience, 10*time.Millisecond)
	require.True(t, b.deliverer().pauses("billing", "crm")(), "known as soon as it is settled")
	require.NoError(t, b.commander.Pause(b.ctx, pause("crm", false)))
	require.Eventually(t, first.pauses("billing"), patience, 10*time.Millisecond)
	require.True(t, b.deliverer().pauses("billing")())
}

func TestTheActiveTrackerRepeatsWhatIsWanted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broken := &control.Commander{Wishes: b.commander.Wishes, Publisher: silent{}, Log: b.log}
	require.NoError(t, broken.Pause(b.ctx, pause("crm", true)), "it is noted")
	d := b.deliverer()
	require.True(t, d.pauses()())
	b.background(b.commander.Run)
	require.Eventually(t, d.pauses("crm"), patience, 10*time.Millisecond)
}

// silent is a broker that cannot be reached.
type silent struct{}

func (silent) Publish(context.Context, amqpx.Publication) error { return amqpx.ErrUnavailable }

func TestAFleetKnowsHowDeliverersSeeTheirDestinations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	seen := control.Destination{Name: "billing", Breaker: "closed", Limit: 8, InUse: 2}
	look := func() control.Report {
		mu.Lock()
		defer mu.Unlock()
		return control.Report{Revision: new(int64), Destinations: []control.Destination{seen}}
	}
	for _, name := range []string{"two/1", "one/1"} {
		b.background(control.NewReporter(name, b.publisher, look, b.log).Run)
	}
	fleet := control.NewFleet(b.consumer, b.log)
	b.background(fleet.Run)
	require.Eventually(t, func() bool { return len(fleet.Reports()) == 2 }, patience, 10*time.Millisecond)
	require.Equal(t, "one/1", fleet.Reports()[0].Instance)
	require.Equal(t, []control.Destination{seen}, fleet.Reports()[0].Destinations)
	mu.Lock()
	seen.Breaker = "open"
	mu.Unlock()
	require.Eventually(t, func() bool { return fleet.Reports()[1].Destinations[0].Breaker == "open" }, patience, 10*time.Millisecond)
}
