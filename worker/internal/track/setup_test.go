package track_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/track"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 60 * time.Second

// bench is an installation without gateways and deliverers: the test publishes what
// they would.
type bench struct {
	*amqptest.Vhost
	ctx       context.Context
	cfg       amqpx.Config
	publisher *amqpx.Publisher
	store     *store.Store
	url       string
	log       *zap.Logger
	published atomic.Int64
	noStreams bool
}

func setup(t *testing.T) *bench {
	t.Helper()
	return setupWith(t, false)
}

// setupWith is setup at a broker that may have no streams.
func setupWith(t *testing.T, noStreams bool) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	vhost := amqptest.New(t)
	b := &bench{
		Vhost: vhost, noStreams: noStreams, ctx: ctx, cfg: amqpx.Config{URLs: vhost.URLs, Name: t.Name()},
		url: "sqlite:" + filepath.Join(t.TempDir(), "store.db"),
		log: zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)),
	}
	b.declare(t)
	b.publisher = amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{}, b.log)
	t.Cleanup(func() { require.NoError(t, b.publisher.Close(context.Background())) })
	b.store = b.open(t)
	return b
}

// declare makes the topology, with an archive in small segments, so that it can be cut.
func (b *bench) declare(t *testing.T) {
	t.Helper()
	topo := topology.Plan{Archive: true, NoStreams: b.noStreams}.Topology()
	for i, q := range topo.Queues {
		if q.Name == topology.Archive {
			topo.Queues[i].Args = map[string]any{
				"x-queue-type": "stream", "x-max-length-bytes": int64(200_000), "x-stream-max-segment-size-bytes": int64(50_000),
			}
		}
	}
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, topo))
}

func (b *bench) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(b.ctx, b.url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// tracker starts one on a store, and returns what stops it.
func (b *bench) tracker(t *testing.T, s *store.Store, idle time.Duration) (tracker *track.Tracker, stop func()) {
	t.Helper()
	return b.measured(t, s, idle, noop.Meter{})
}

// measured runs a tracker whose metrics count.
func (b *bench) measured(t *testing.T, s *store.Store, idle time.Duration, m metric.Meter) (tracker *track.Tracker, stop func()) {
	t.Helper()
	consumer := amqpx.NewConsumer(b.cfg, b.log)
	tracker, err := track.New(track.Options{
		Store: s, Consumer: consumer, Archive: !b.noStreams, NoStreams: b.noStreams, Retention: time.Hour, Idle: idle, Meter: m, Log: b.log,
	})
	require.NoError(t, err)
	tracker.Configure(patterns)
	ended := lifecycle.Background(b.ctx, tracker.Run)
	stop = sync.OnceFunc(func() {
		require.NoError(t, ended(context.Background()))
		require.NoError(t, consumer.Close(context.Background()))
	})
	t.Cleanup(stop)
	return tracker, stop
}

// patterns are those of the routes that a gateway and a tracker know.
var patterns = map[string][]string{"billing": {"shop.order.*"}, "all": {"shop.#", "git.#"}}

// accept archives an event as a gateway does, and returns its id.
func (b *bench) accept(t *testing.T, source, typ string, body []byte) string {
	t.Helper()
	m := b.message(t, source, typ, body)
	b.keep(t, routingtest.Archived(m, routing.NewTable(patterns).Match(source, typ)...))
	return m.ID
}

func (b *bench) keep(t *testing.T, m *event.Message) {
	t.Helper()
	b.publish(t, topology.Routes, topology.Archive, m)
}

func (b *bench) message(t *testing.T, source, typ string, body []byte) *event.Message {
	t.Helper()
	e := &event.Event{
		ID: event.NewID(), Source: source, Type: typ, ProviderID: fmt.Sprintf("p%d", b.published.Add(1)),
		ReceivedAt: time.Now(), Request: event.Request{Method: "POST", Path: "/in/" + source}, Body: body,
	}
	m, err := event.Encode(e)
	require.NoError(t, err)
	return m
}

// tell publishes records as a deliverer does.
func (b *bench) tell(t *testing.T, records ...status.Record) {
	t.Helper()
	for i := range records {
		records[i].At = time.Now()
	}
	m, err := status.Encode(records)
	require.NoError(t, err)
	b.publish(t, "", topology.Status, m)
}

func (b *bench) publish(t *testing.T, exchange, key string, m *event.Message) {
	t.Helper()
	for {
		err := b.publisher.Publish(b.ctx, amqpx.Publication{Exchange: exchange, Key: key, Message: m})
		if err == nil {
			return
		}
		require.ErrorIs(t, err, amqpx.ErrUnavailable)
		<-time.After(10 * time.Millisecond)
	}
}

// eventually returns the event once it is as wanted.
func (b *bench) eventually(t *testing.T, id string, wanted func(*store.Event) bool) *store.Event {
	t.Helper()
	return storetest.Await(t, b.store, id, wanted)
}
