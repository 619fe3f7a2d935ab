package fanout_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var nopLog = zap.NewNop()

// waitFor is how long a test waits for what has to happen, on any machine.
const waitFor = 30 * time.Second

// bundle is a Fanout before a real broker with three routes, of which "ordered" is ordered.
type bundle struct {
	*fanout.Fanout

	t         *testing.T
	vhost     *amqptest.Vhost
	cfg       amqpx.Config
	publisher *amqpx.Publisher
	probes    atomic.Int64
	plan      fanout.Plan
	onDoubt   func() // is called with each answer
}

func routes() []topology.Route {
	return []topology.Route{{Name: "a"}, {Name: "b"}, {Name: "ordered", Partitions: 1}}
}

func setup(t *testing.T, vhost *amqptest.Vhost) *bundle {
	t.Helper()
	b := &bundle{t: t, vhost: vhost, cfg: amqpx.Config{URLs: vhost.URLs, Name: t.Name()}, onDoubt: func() {}}
	plan := topology.Plan{Archive: true, Exchange: true, Routes: routes()}
	require.NoError(t, amqpx.Declare(t.Context(), b.cfg, plan.Topology()))
	b.publisher = amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{}, nopLog)
	var err error
	b.Fanout, err = fanout.New(fanout.Options{
		Publisher: b.publisher,
		Probe: func(ctx context.Context, p amqpx.Publication, goesOn func()) error {
			b.probes.Add(1)
			return amqpx.PublishAlone(ctx, b.cfg, p, goesOn)
		},
		Doubt: func(error) { b.onDoubt() }, Meter: noop.Meter{}, Log: nopLog,
	})
	require.NoError(t, err)
	b.configure(fanout.Plan{Archive: true, Ordered: map[string]bool{"ordered": true}, Routes: routing.NewTable(map[string][]string{
		"a": {"shop.#"}, "b": {"shop.#"}, "ordered": {"shop.ordered"},
	})})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, b.Close(ctx))
		_ = b.publisher.Close(ctx) // publishes to a queue that does not answer are left
	})
	require.Eventually(t, func() bool { return b.publisher.Links().Up == amqpx.DefaultConnections }, waitFor, 10*time.Millisecond)
	return b
}

func (b *bundle) configure(p fanout.Plan) {
	b.plan = p
	b.Configure(p)
}

func newEvent(typ string) fanout.Event {
	return fanout.Event{Source: "shop", Type: typ, Message: &event.Message{
		ID: uuid.NewString(), Type: typ, Headers: map[string]any{event.HeaderFormat: int64(event.Format), event.HeaderSource: "shop"}, Body: []byte("{}"),
	}}
}

// publish publishes a new event of the type.
func (b *bundle) publish(typ string) error {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	defer cancel()
	return b.Publish(ctx, newEvent(typ))
}

// warm lets every connection know every queue.
func (b *bundle) warm() {
	b.t.Helper()
	for range 2 * amqpx.DefaultConnections {
		require.NoError(b.t, b.publish("ordered"))
	}
}

// requireDepth waits until the queue has so many messages.
func (b *bundle) requireDepth(queue string, want int) {
	b.t.Helper()
	got := -1
	require.Eventually(b.t, func() bool { got = b.vhost.Depth(b.t, queue); return got == want }, waitFor, 50*time.Millisecond, "%s: %d", queue, want)
}
