package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/track"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.UnixMilli(1764000000000).UTC()

// bench is a running API over a store that the test fills.
type bench struct {
	t       *testing.T
	store   *store.Store
	tokens  string
	url     string
	server  *api.Server
	archive archive
	fleet   fleet
	config  atomic.Pointer[config.Config]

	mu      sync.Mutex
	changed chan struct{}
}

// archive is a fake: events by their offset.
type archive map[int64]*event.Event

func (a archive) Event(_ context.Context, offset int64, id string) (*event.Event, error) {
	e := a[offset]
	if e == nil || e.ID != id {
		return nil, fmt.Errorf("read: %w", track.ErrGone)
	}
	return e, nil
}

// fleet is a fake of what lies behind the broker.
type fleet struct {
	mu      sync.Mutex
	reports []control.Report
	told    []string // what the deliverers were told
	queues  map[string]amqpx.QueueState
}

func (f *fleet) Reports() []control.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reports
}

func (f *fleet) Publish(_ context.Context, p amqpx.Publication) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, p.Key+" "+string(p.Message.Body))
	return nil
}

func (f *fleet) Inspect(_ context.Context, queue string) (amqpx.QueueState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q, ok := f.queues[queue]; ok {
		return q, nil
	}
	return amqpx.QueueState{}, amqpx.ErrNoQueue
}

const configuration = `
sources:
  shop: {provider: stripe, secrets: ["${S}"], auth: [{apiKey: {header: X-Partner-Key, keys: [{name: a, sha256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}]}}]}
  quiet: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "https://billing.example/"}
routes:
  invoices: {from: [shop], types: ["invoice.*"], to: billing}
`

func setup(t *testing.T, change ...func(*api.Options)) *bench {
	t.Helper()
	b := &bench{t: t, tokens: filepath.Join(t.TempDir(), "tokens.yaml"), archive: archive{}, changed: make(chan struct{})}
	b.store = storetest.New(t)
	b.configured(configuration)
	b.allow(map[string][]string{"reader": {"read"}, "writer": {"write"}})
	log := zaptest.NewLogger(t)
	guard, err := api.NewGuard(b.tokens, false, log)
	require.NoError(t, err)
	options := api.Options{
		Listen: "127.0.0.1:0", Store: b.store, Archive: b.archive, Guard: guard,
		Config: b.config.Load, Changed: b.news, Log: log,
		Fleet: &b.fleet, Commander: &control.Commander{Wishes: b.store, Publisher: &b.fleet, Log: log}, Broker: &b.fleet,
	}
	for _, c := range change {
		c(&options)
	}
	b.server, err = api.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.server.Close(context.Background())) })
	b.url = "http://" + b.server.Addr().String()
	return b
}

// configured puts a configuration into force.
func (b *bench) configured(text string) {
	b.t.Helper()
	cfg, err := config.Parse("penstock.yaml", []byte(text), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(b.t, err)
	b.config.Store(cfg)
}

// allow writes the tokens file.
func (b *bench) allow(scopes map[string][]string) {
	var text strings.Builder
	text.WriteString("tokens:\n")
	for name, list := range scopes {
		hash := sha256.Sum256([]byte(name + "-secret"))
		quoted, err := json.Marshal(list)
		require.NoError(b.t, err)
		fmt.Fprintf(&text, "  - {name: %s, sha256: %s, scopes: %s}\n", name, hex.EncodeToString(hash[:]), quoted)
	}
	require.NoError(b.t, os.WriteFile(b.tokens, []byte(text.String()), 0o600))
}

func (b *bench) news() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// apply stores a batch, and tells of it.
func (b *bench) apply(batch store.Batch) {
	b.t.Helper()
	require.NoError(b.t, b.store.Apply(b.t.Context(), &batch))
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.changed)
	b.changed = make(chan struct{})
}

func id(n int64) string { return fmt.Sprintf("0199d3c4-7a51-7cc1-8f0a-%012d", n) }

func accepted(n int64, routes ...string) store.Accepted {
	return store.Accepted{
		ID: id(n), Source: "shop", Type: "invoice.paid", ProviderID: fmt.Sprintf("p%d", n),
		ReceivedAt: start.Add(time.Duration(n) * time.Second), Size: 7, Offset: n, Routes: routes,
	}
}

func record(n int64, kind status.Kind) status.Record {
	return status.Record{
		Kind: kind, Event: id(n), Source: "shop", Type: "invoice.paid", Route: "invoices", Attempt: 1, At: start.Add(time.Minute),
	}
}

// ask sends a request with a token; none with an empty one.
func (b *bench) ask(ctx context.Context, method, path, token string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, nil)
	require.NoError(b.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// get reads an answer into out, and returns its status.
func (b *bench) get(path string, out any) int {
	b.t.Helper()
	answer := b.ask(b.t.Context(), http.MethodGet, path, "reader-secret") //nolint:bodyclose // ask closes it
	text := b.keeps(answer)
	require.NoError(b.t, json.Unmarshal(text, out), "%s", text)
	return answer.StatusCode
}
