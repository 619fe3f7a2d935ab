package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/process"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// asWorker makes the test's binary be the worker, so that a test can kill one.
const asWorker = "PENSTOCK_TEST_AS_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const trackedConfig = `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "http://127.0.0.1:9/"}
routes:
  invoices: {from: [shop], types: ["#"], to: billing}
`

// installation is what trackers work on.
type installation struct {
	ctx       context.Context
	publisher *amqpx.Publisher
	store     *store.Store
	env       []string
}

func install(t *testing.T) *installation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	vhost, folder := amqptest.New(t), t.TempDir()
	cfg := amqpx.Config{URLs: vhost.URLs}
	require.NoError(t, amqpx.Declare(ctx, cfg, topology.Plan{Archive: true}.Topology()))
	in := &installation{ctx: ctx, publisher: amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, zap.NewNop())}
	t.Cleanup(func() { require.NoError(t, in.publisher.Close(context.Background())) })
	require.Eventually(t, func() bool { return in.publisher.Ready() == nil }, time.Minute, 5*time.Millisecond)

	file := filepath.Join(folder, "penstock.yaml")
	require.NoError(t, os.WriteFile(file, []byte(trackedConfig), 0o600))
	url := "sqlite:" + filepath.Join(folder, "store.db")
	var err error
	in.store, err = store.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, in.store.Close()) })
	in.env = []string{
		asWorker + "=yes", "PENSTOCK_CONFIG=" + file, "PENSTOCK_STORE_URL=" + url, "PENSTOCK_AMQP_URLS=" + vhost.URL,
		"PENSTOCK_LISTEN=127.0.0.1:0", "PENSTOCK_ADMIN_LISTEN=127.0.0.1:0", "PENSTOCK_DRAIN_DELAY=0s",
	}
	return in
}

// tracker starts one as a process of its own.
func (in *installation) tracker(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(in.ctx, os.Args[0], "track")
	cmd.Env = append(os.Environ(), in.env...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return cmd
}

// happen publishes an event and what becomes of it: two attempts.
func (in *installation) happen(t *testing.T) string {
	t.Helper()
	e := &event.Event{ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Request: event.Request{Method: http.MethodPost}}
	m, err := event.Encode(e)
	require.NoError(t, err)
	require.NoError(t, routingtest.Archive(in.ctx, in.publisher, m, "invoices"))
	r := status.Record{Event: e.ID, Source: e.Source, Type: e.Type, Route: "invoices", ReceivedAt: e.ReceivedAt, At: time.Now()}
	first, second := r, r
	first.Kind, first.Attempt, second.Kind, second.Attempt = status.Retrying, 1, status.Delivered, 2
	m, err = status.Encode([]status.Record{first, second})
	require.NoError(t, err)
	require.NoError(t, in.publisher.Publish(in.ctx, amqpx.Publication{Key: topology.Status, Message: m}))
	return e.ID
}

// followed waits until the store has the event in its final state.
func (in *installation) followed(t *testing.T, id string, within time.Duration) *store.Event {
	t.Helper()
	var found *store.Event
	require.Eventually(t, func() bool {
		e, err := in.store.Event(in.ctx, id)
		found = e
		return err == nil && e.Offset >= 0 && len(e.Deliveries) == 1 && e.Deliveries[0].State == store.Delivered
	}, within, 20*time.Millisecond)
	return found
}

func TestATrackerThatIsKilledIsReplacedAndNothingCountsTwice(t *testing.T) {
	t.Parallel()
	in := install(t)
	var ids []string
	running := []*exec.Cmd{in.tracker(t), in.tracker(t)}
	in.followed(t, in.happen(t), time.Minute)
	for range 4 {
		for range 200 {
			ids = append(ids, in.happen(t))
		}
		victim := running[0]
		running = append(running[1:], in.tracker(t))
		require.NoError(t, victim.Process.Kill())
		require.Error(t, victim.Wait())
		in.followed(t, in.happen(t), 15*time.Second) // by another one
	}
	for _, id := range ids {
		require.Equal(t, 2, in.followed(t, id, time.Minute).Deliveries[0].Records)
	}
	_, sources, err := in.store.Tallies(in.ctx)
	require.NoError(t, err)
	require.Equal(t, []store.SourceTally{{Source: "shop", Accepted: int64(len(ids)) + 5}}, sources)
}

func TestATrackerStopsCleanly(t *testing.T) {
	t.Parallel()
	in := install(t)
	cmd := in.tracker(t)
	in.followed(t, in.happen(t), time.Minute)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait())
}

func TestATrackerThatCannotOpenItsStoreSaysSo(t *testing.T) {
	t.Setenv("PENSTOCK_STORE_URL", "sqlite:/proc/none/store.db")
	t.Setenv("PENSTOCK_ADMIN_LISTEN", "127.0.0.1:0")
	file := filepath.Join(t.TempDir(), "penstock.yaml")
	require.NoError(t, os.WriteFile(file, []byte(trackedConfig), 0o600))
	t.Setenv("PENSTOCK_CONFIG", file)
	err := run(t.Context(), []string{"track"}, os.LookupEnv, io.Discard)
	require.ErrorContains(t, err, "open the store")
	require.Equal(t, 1, process.ExitCode(err))
}
