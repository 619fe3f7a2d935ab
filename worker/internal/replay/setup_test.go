package replay_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/track"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 60 * time.Second

// bench is an installation in which the test is gateway and deliverer, and a tracker
// keeps the store.
type bench struct {
	*amqptest.Vhost
	t         *testing.T
	ctx       context.Context
	cfg       amqpx.Config
	store     *store.Store
	consumer  *amqpx.Consumer
	publisher *amqpx.Publisher
	emitter   *status.Emitter
	tracker   *track.Tracker
	config    *config.Config
	log       *zap.Logger
}

const configuration = `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  out: {url: "https://out.example/"}
routes:
  billing: {from: [shop], types: ["order.*"], to: out}
  audit: {from: [shop], types: ["order.*"], to: out}
`

func setup(t *testing.T) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	vhost := amqptest.New(t)
	b := &bench{
		Vhost: vhost, t: t, ctx: ctx, cfg: amqpx.Config{URLs: vhost.URLs, Name: t.Name()},
		log: zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)),
	}
	b.consumer = amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { require.NoError(t, b.consumer.Close(context.Background())) })
	b.publisher = amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{}, b.log)
	t.Cleanup(func() { require.NoError(t, b.publisher.Close(context.Background())) })
	b.emitter = status.NewEmitter(b.publisher, status.Options{})
	t.Cleanup(func() { require.NoError(t, b.emitter.Close(context.Background())) })
	b.store = storetest.New(t)
	var err error
	b.tracker, err = track.New(track.Options{
		Store: b.store, Consumer: b.consumer, Archive: true, Retention: time.Hour, Meter: noop.Meter{}, Log: b.log,
	})
	require.NoError(t, err)
	b.configure(configuration)
	b.background(b.tracker.Run)
	require.Eventually(t, func() bool { return b.publisher.Ready() == nil }, patience, 10*time.Millisecond)
	return b
}

// configure puts a configuration into force everywhere.
func (b *bench) configure(text string) {
	b.t.Helper()
	cfg, err := config.Parse("penstock.yaml", []byte(text), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(b.t, err)
	b.config = cfg
	plan := topology.Plan{Archive: true}
	bindings := map[string][]string{}
	for name, route := range cfg.Routes {
		plan.Routes = append(plan.Routes, topology.Route{Name: name})
		bindings[name] = route.Bindings()
	}
	require.NoError(b.t, amqpx.Declare(b.ctx, b.cfg, plan.Topology()))
	b.tracker.Configure(bindings)
}

// background runs something until the test ends, or until stop is called.
func (b *bench) background(run func(context.Context)) (stop func()) {
	ended := lifecycle.Background(b.ctx, run)
	stop = func() { require.NoError(b.t, ended(context.Background())) }
	b.t.Cleanup(stop)
	return stop
}

// runner makes a runner as change has it.
func (b *bench) runner(change func(*replay.Options)) *replay.Runner {
	o := replay.Options{
		Store: b.store, Archive: true, Consumer: b.consumer, Publisher: b.publisher, Recorder: b.emitter,
		Config: func() *config.Config { return b.config }, Window: 50, Log: b.log,
	}
	if change != nil {
		change(&o)
	}
	return replay.New(o)
}

// accept publishes n events as a gateway does, and waits until the store has them all.
func (b *bench) accept(typ string, n int) []string {
	b.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = event.NewID()
		m, err := event.Encode(&event.Event{
			ID: ids[i], Source: "shop", Type: typ, ProviderID: fmt.Sprintf("p%d", i), ReceivedAt: time.Now().Add(-time.Hour),
			Attempt: 1, Request: event.Request{Method: "POST", Path: "/in/shop"}, Body: []byte(ids[i]),
		})
		require.NoError(b.t, err)
		require.NoError(b.t, routingtest.Accept(b.ctx, b.publisher, m, routing.For(b.config).Match("shop", typ)...))
	}
	for _, id := range ids {
		b.eventually(id, storetest.Archived)
	}
	return ids
}

// finish takes every event out of a route's queue, and does with it as a deliverer would
// that ends so. It returns them in their order.
func (b *bench) finish(route string, n int, kind status.Kind) []*event.Message {
	b.t.Helper()
	var got []*event.Message
	taken, stop := b.take(topology.RouteQueue(route), n)
	for _, d := range taken {
		m := d.Message
		r := status.Record{Kind: kind, Event: m.ID, Source: "shop", Type: m.Type, Route: route, Attempt: 1, Replay: m.Text(event.HeaderReplay)}
		if kind == status.Dead {
			r.Reason = fault.ReasonRejected
			dead := *m
			dead.Headers = map[string]any{event.HeaderRoute: route, event.HeaderReason: "rejected", event.HeaderDeadAt: time.Now().UnixMilli()}
			maps.Copy(dead.Headers, m.Headers)
			require.NoError(b.t, b.emitter.Emit(b.ctx, r))
			require.NoError(b.t, b.publisher.Publish(b.ctx, amqpx.Publication{Exchange: topology.Dead, Key: route, Message: &dead}))
		} else {
			require.NoError(b.t, b.emitter.Emit(b.ctx, r))
		}
		require.NoError(b.t, d.Ack())
		got = append(got, m)
	}
	stop()
	for _, m := range got {
		b.eventually(m.ID, storetest.In(route, store.State(kind)))
	}
	return got
}

// take takes n messages out of a queue. They are settled by the caller, before stop.
func (b *bench) take(queue string, n int) (got []*amqpx.Delivery, stop func()) {
	b.t.Helper()
	deliveries := make(chan *amqpx.Delivery, n)
	stop = b.background(func(ctx context.Context) {
		_ = b.consumer.Subscribe(amqpx.Subscription{
			Queue: queue, Prefetch: n, Ordered: true, Drain: time.Second,
			Handle: func(_ context.Context, d *amqpx.Delivery) { deliveries <- d },
		}).Run(ctx)
	})
	for range n {
		select {
		case d := <-deliveries:
			got = append(got, d)
		case <-time.After(patience):
			require.Fail(b.t, "too few messages", "%d of %d in %s", len(got), n, queue)
		}
	}
	return got, stop
}

func (b *bench) eventually(id string, wanted func(*store.Event) bool) *store.Event {
	b.t.Helper()
	return storetest.Await(b.t, b.store, id, wanted)
}

// depth waits until a queue holds so many messages: acknowledgements have no answer.
func (b *bench) depth(queue string, want int) {
	b.t.Helper()
	got := -1
	require.Eventually(b.t, func() bool {
		got = b.Depth(b.t, queue)
		return got == want
	}, patience/4, 20*time.Millisecond, "%s: %d", queue, &got)
}

// ask adds a job.
func (b *bench) ask(kind store.JobKind, to string, f store.Filter) string {
	b.t.Helper()
	j := &store.Job{
		ID: event.NewID(), Kind: kind, Filter: f, To: to, Rate: 10_000, By: "anna", State: store.JobWaiting,
		Created: time.Now(), Progress: store.Progress{Total: store.Uncounted},
	}
	require.NoError(b.t, b.store.AddJob(b.ctx, j, store.Audit{By: "anna", Action: string(kind), Target: j.ID}))
	return j.ID
}

// ended waits for a job's end.
func (b *bench) ended(id string) *store.Job {
	b.t.Helper()
	var j *store.Job
	require.Eventually(b.t, func() bool {
		var err error
		j, err = b.store.Job(b.ctx, id)
		return err == nil && j.State.Final()
	}, patience, 50*time.Millisecond, "%+v", &j)
	return j
}

// did runs a job to its end.
func (b *bench) did(kind store.JobKind, to string, f store.Filter) *store.Job {
	b.t.Helper()
	stop := b.background(b.runner(nil).Run)
	defer stop()
	return b.ended(b.ask(kind, to, f))
}

func ids(messages []*event.Message) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.ID + " ")
	}
	return b.String()
}
