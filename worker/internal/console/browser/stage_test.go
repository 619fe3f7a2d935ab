//go:build browser

package browser_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/worker/internal/app"
	"github.com/penstock/penstock/worker/internal/store"
)

// The tokens that scripts sign in with.
const (
	writer = "browser-writer-secret"
	reader = "browser-reader-secret"
)

// archived bounds the archive, alike for every process.
const archived = "1GB"

// configuration has a destination that works, one that can be made to, and one that
// nobody answers for.
const configuration = `
sources:
  stripe: {provider: stripe, secrets: ["${S}"], publicURL: "https://hooks.example.com/in/stripe"}
  github: {provider: github, secrets: ["${S}"]}
  shopify: {provider: shopify, secrets: ["${S}"]}
  partner: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "RECEIVER/billing", timeout: 5s, concurrency: 32, rateLimit: 200/s}
  builds: {url: "RECEIVER/builds", concurrency: 16}
  warehouse: {url: "http://127.0.0.1:9/orders", concurrency: 8}
routes:
  invoices: {from: [stripe], types: ["invoice.#", "charge.#", "customer.#"], to: billing}
  continuous-integration: {from: [github], to: builds, filter: 'type != "ping"'}
  orders: {from: [shopify], to: warehouse, retry: {initial: 30s}}
`

// stage is a running installation. Events are published as a gateway does; a gateway runs
// only to refuse something.
type stage struct {
	t         *testing.T
	ctx       context.Context
	url       string
	file      string // the configuration
	broker    string
	publisher *amqpx.Publisher
	routes    *routing.Table
	store     *store.Store
	mended    atomic.Bool // the receiver takes what it refused before
	levers    string
}

// empty makes a script see what a new installation shows.
const empty = "sources: {}\n"

// set starts a tracker over a store that fill has filled and, unless there is nothing
// configured, a deliverer.
func set(t *testing.T, configured string, fill func(*stage)) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Minute)
	t.Cleanup(cancel)
	folder, vhost := t.TempDir(), amqptest.New(t)
	s := &stage{t: t, ctx: ctx, file: filepath.Join(folder, "penstock.yaml"), broker: vhost.URL}
	receiver := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(receiver.Close)
	require.NoError(t, os.WriteFile(s.file, []byte(strings.ReplaceAll(configured, "RECEIVER", receiver.URL)), 0o600))
	parsed, err := config.Load(s.file, os.LookupEnv, config.NoSecrets)
	require.NoError(t, err)
	s.routes = routing.For(parsed)
	address := "sqlite:" + filepath.Join(folder, "store.db")
	s.store, err = store.Open(ctx, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.store.Close()) })
	broker := settings.AMQP{AMQPURLs: vhost.URLs, Topology: "declare", Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: archived}
	process := settings.Process{Config: s.file, AdminListen: "127.0.0.1:0", ShutdownTimeout: 10 * time.Second}
	log := zap.NewNop()

	deliverer, err := app.NewDeliverer(ctx, app.DeliverSettings{Process: process, AMQP: broker}, os.LookupEnv, log)
	require.NoError(t, err)
	s.run(deliverer.Run)
	s.publisher = amqpx.NewPublisher(amqpx.Config{URLs: vhost.URLs}, amqpx.PublisherOptions{}, log)
	t.Cleanup(func() { require.NoError(t, s.publisher.Close(context.Background())) })
	s.ready(deliverer.AdminAddr().String())
	fill(s)

	tracker, err := app.NewTracker(ctx, app.TrackSettings{
		Process: process, AMQP: broker, StoreURL: address, Listen: "127.0.0.1:0", APITokensFile: s.tokens(folder),
		ConsoleSettings: app.ConsoleSettings{GatewayURL: "https://hooks.example.com"},
	}, os.LookupEnv, log)
	require.NoError(t, err)
	s.run(tracker.Run)
	s.url = "http://" + tracker.Addr().String()
	s.pull()
	return s
}

// run runs a process until the test ends.
func (s *stage) run(process func(context.Context) error) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	go func() { done <- process(ctx) }()
	s.t.Cleanup(func() { cancel(); require.NoError(s.t, <-done) })
}

func (s *stage) ready(admin string) {
	require.Eventually(s.t, func() bool {
		answer, err := http.Get("http://" + admin + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, time.Minute, 50*time.Millisecond)
}

// receive refuses for good what is named so, until it is mended.
func (s *stage) receive(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.Header.Get("Penstock-Event-Type"), "failed") && !s.mended.Load() {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

func (s *stage) tokens(folder string) string {
	hash := func(token string) string { sum := sha256.Sum256([]byte(token)); return hex.EncodeToString(sum[:]) }
	path := filepath.Join(folder, "tokens.yaml")
	text := fmt.Sprintf("tokens:\n  - {name: anna, sha256: %s, scopes: [read, write]}\n  - {name: guest, sha256: %s, scopes: [read]}\n", hash(writer), hash(reader))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
