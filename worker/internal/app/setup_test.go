package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/worker/internal/app"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 60 * time.Second

// request is what a receiver got.
type request struct {
	path, id, attempt string
	at                time.Time
}

// receiver is a destination that notes what it gets.
type receiver struct {
	URL    string
	got    chan request
	answer func(w http.ResponseWriter, r *http.Request) // nil: 200
}

// newReceiver answers with answer; nil answers 200.
func newReceiver(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	out := &receiver{got: make(chan request, 1000), answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		out.got <- request{r.URL.Path, h.Get("Penstock-Event-Id"), h.Get("Penstock-Attempt"), time.Now()}
		if out.answer != nil {
			out.answer(w, r)
		}
	}))
	t.Cleanup(server.Close)
	out.URL = server.URL
	return out
}

func (r *receiver) next(t *testing.T) request {
	t.Helper()
	select {
	case got := <-r.got:
		return got
	case <-time.After(patience):
		require.Fail(t, "nothing arrived")
		return request{}
	}
}

// world is a deliverer's surroundings: a virtual host and a configuration file.
type world struct {
	vhost     *amqptest.Vhost
	publisher *amqpx.Publisher
	settings  app.DeliverSettings
	routes    *routing.Table // of the configuration that was written last
}

func setup(t *testing.T, cfg string) *world {
	t.Helper()
	w := &world{vhost: amqptest.New(t)}
	w.settings = app.DeliverSettings{
		Process: settings.Process{
			Config: filepath.Join(t.TempDir(), "penstock.yaml"), AdminListen: "127.0.0.1:0", ShutdownTimeout: 10 * time.Second,
		},
		AMQP: settings.AMQP{AMQPURLs: w.vhost.URLs, Topology: "declare", Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: "1GB"},
	}
	w.write(t, cfg)
	w.publisher = amqpx.NewPublisher(amqpx.Config{URLs: w.vhost.URLs}, amqpx.PublisherOptions{}, zaptest.NewLogger(t))
	t.Cleanup(func() { require.NoError(t, closing(w.publisher.Close)) })
	return w
}

func closing(closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return closer(ctx)
}

// write replaces the configuration file as an editor does.
func (w *world) write(t *testing.T, cfg string) {
	t.Helper()
	parsed, err := config.Parse(w.settings.Config, []byte(cfg), os.LookupEnv, config.NoSecrets)
	if err == nil { // some tests write what is refused
		w.routes = routing.For(parsed)
	}
	next := w.settings.Config + ".next"
	require.NoError(t, os.WriteFile(next, []byte(cfg), 0o600))
	require.NoError(t, os.Rename(next, w.settings.Config))
}

// start runs a deliverer until the test ends, or until the function that it
// returns is called.
func (w *world) start(t *testing.T) (deliverer *app.Deliverer, stop func()) {
	t.Helper()
	a, err := app.NewDeliverer(t.Context(), w.settings, func(string) (string, bool) { return "", false }, zaptest.NewLogger(t))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	var stopped atomic.Bool
	stop = func() {
		cancel()
		if !stopped.Swap(true) {
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	return a, stop
}

// ready waits until the deliverer is.
func ready(t *testing.T, a *app.Deliverer) {
	t.Helper()
	require.Eventually(t, func() bool { status, _ := ask(t, a, "/readyz"); return status == http.StatusOK }, patience, 20*time.Millisecond)
}

// ask asks the admin listener.
func ask(t *testing.T, a *app.Deliverer, path string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.AdminAddr().String()+path, nil)
	require.NoError(t, err)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(body)
}

// accept publishes an event as the gateway would, and returns its id.
func (w *world) accept(t *testing.T, typ string, body any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	e := &event.Event{ID: event.NewID(), Source: "shop", Type: typ, ReceivedAt: time.Now(), Request: event.Request{Method: "POST"}, Body: raw}
	m, err := event.Encode(e)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	routes := w.routes.Match(e.Source, e.Type)
	require.NoError(t, routingtest.Archive(ctx, w.publisher, m, routes...))
	for _, route := range routes {
		require.Eventually(t, func() bool {
			err := routingtest.Route(ctx, w.publisher, m, route)
			require.True(t, err == nil || errors.Is(err, amqpx.ErrReturned), "%v", err)
			return err == nil
		}, patience, 50*time.Millisecond, "the queue of route %s is made", route)
	}
	return e.ID
}

// read returns the next message of a queue.
func (w *world) read(t *testing.T, queue string) *event.Message {
	t.Helper()
	consumer := amqpx.NewConsumer(amqpx.Config{URLs: w.vhost.URLs}, zaptest.NewLogger(t))
	defer func() { require.NoError(t, closing(consumer.Close)) }()
	var got *event.Message
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, consumer.Subscribe(amqpx.Subscription{Queue: queue, Prefetch: 1, Handle: func(_ context.Context, d *amqpx.Delivery) {
		got = d.Message
		_ = d.Ack()
		cancel()
	}}).Run(ctx))
	require.NotNil(t, got, "no message in %s", queue)
	return got
}
