package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// replaying is an installation with a receiver that can be told to refuse.
type replaying struct {
	*amqptest.Vhost
	t         *testing.T
	ctx       context.Context
	publisher *amqpx.Publisher
	env       []string
	refuse    atomic.Bool

	mu       sync.Mutex
	received map[string]int // how often each event was taken
}

func installReplaying(t *testing.T) *replaying {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	in := &replaying{Vhost: amqptest.New(t), t: t, ctx: ctx, received: map[string]int{}}
	receiver := httptest.NewServer(http.HandlerFunc(in.receive))
	t.Cleanup(receiver.Close)
	cfg := amqpx.Config{URLs: in.URLs}
	plan := topology.Plan{Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20_000_000_000, Routes: []topology.Route{{Name: "invoices"}}}
	require.NoError(t, amqpx.Declare(ctx, cfg, plan.Topology()))
	in.publisher = amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, zap.NewNop())
	t.Cleanup(func() { require.NoError(t, in.publisher.Close(context.Background())) })
	require.Eventually(t, func() bool { return in.publisher.Ready() == nil }, time.Minute, 5*time.Millisecond)
	folder := t.TempDir()
	file := filepath.Join(folder, "penstock.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: %q, concurrency: 16}
routes:
  invoices: {from: [shop], types: ["#"], to: billing}
`, receiver.URL), 0o600))
	in.env = []string{
		asWorker + "=yes", "PENSTOCK_CONFIG=" + file, "PENSTOCK_STORE_URL=sqlite:" + filepath.Join(folder, "store.db"),
		"PENSTOCK_AMQP_URLS=" + in.URL, "PENSTOCK_LISTEN=127.0.0.1:0", "PENSTOCK_ADMIN_LISTEN=127.0.0.1:0",
		"PENSTOCK_DRAIN_DELAY=0s", "PENSTOCK_API_OPEN=true",
	}
	return in
}

func (in *replaying) receive(w http.ResponseWriter, r *http.Request) {
	if in.refuse.Load() {
		w.WriteHeader(http.StatusBadRequest) // no retry mends that
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.received[r.Header.Get("Penstock-Event-Id")]++
}

func (in *replaying) distinct() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.received)
}

// worker is one in a role, as a process of its own.
type worker struct {
	*exec.Cmd

	mu  sync.Mutex
	log bytes.Buffer
}

func (p *worker) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(text)
}

// says waits until the log matches, and returns the part in brackets.
func (p *worker) says(t *testing.T, pattern string) string {
	t.Helper()
	var found []string
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		found = regexp.MustCompile(pattern).FindStringSubmatch(p.log.String())
		return found != nil
	}, time.Minute, 20*time.Millisecond, pattern)
	return found[len(found)-1]
}

func (in *replaying) start(role string) *worker {
	in.t.Helper()
	p := &worker{Cmd: exec.CommandContext(in.ctx, os.Args[0], role)}
	p.Env = append(os.Environ(), in.env...)
	p.Stdout, p.Stderr = p, p
	require.NoError(in.t, p.Start())
	in.t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
		if in.t.Failed() {
			p.mu.Lock()
			defer p.mu.Unlock()
			in.t.Log(role + "\n" + p.log.String())
		}
	})
	return p
}

// client is for the API of a tracker.
func (in *replaying) client(tracker *worker) *trackerclient.ClientWithResponses {
	in.t.Helper()
	c, err := trackerclient.Connect("http://"+tracker.says(in.t, `"api":"([^"]+)"`), "")
	require.NoError(in.t, err)
	return c
}

func (in *replaying) accept(n int) {
	in.t.Helper()
	for range n {
		m, err := event.Encode(&event.Event{
			ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Request: event.Request{Method: http.MethodPost}, Body: []byte("{}"),
		})
		require.NoError(in.t, err)
		require.NoError(in.t, routingtest.Accept(in.ctx, in.publisher, m, "invoices"))
	}
}

// counts are those of the only route.
func (in *replaying) counts(c *trackerclient.ClientWithResponses) trackerclient.Counts {
	in.t.Helper()
	answer, err := c.GetRouteWithResponse(in.ctx, "invoices")
	require.NoError(in.t, err)
	require.NoError(in.t, trackerclient.Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault))
	return answer.JSON200.Counts
}

func (in *replaying) job(c *trackerclient.ClientWithResponses, what trackerclient.JobRequest) *trackerclient.Job {
	in.t.Helper()
	answer, err := c.CreateJobWithResponse(in.ctx, what)
	require.NoError(in.t, err)
	require.NoError(in.t, trackerclient.Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault))
	return answer.JSON202
}
