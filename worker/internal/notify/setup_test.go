package notify_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/notify"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// signingSecret signs the webhooks of the tests.
var signingSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of thirty-two bytes....")) //nolint:gochecknoglobals // it never changes

// taken is a request as a channel got it.
type taken struct {
	header http.Header
	body   []byte
	path   string
}

func (r taken) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal(r.body, &out), "%s", r.body)
	return out
}

// channel is a fake of Slack, Teams, PagerDuty or somebody's own endpoint, over TLS.
type channel struct {
	server *httptest.Server
	ca     string // file of its authority

	mu     sync.Mutex
	all    []taken
	answer func(n int, w http.ResponseWriter) // n counts from 1; nil: 202
}

func newChannel(t *testing.T) *channel {
	t.Helper()
	c := &channel{ca: filepath.Join(t.TempDir(), "ca.pem")}
	c.server = httptest.NewTLSServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.server.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.server.Certificate().Raw})
	require.NoError(t, os.WriteFile(c.ca, block, 0o600))
	return c
}

func (c *channel) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	c.all = append(c.all, taken{r.Header.Clone(), body, r.URL.Path})
	n, answer := len(c.all), c.answer
	c.mu.Unlock()
	if answer != nil {
		answer(n, w)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (c *channel) taken() []taken {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]taken(nil), c.all...)
}

// bench is a store whose incidents a test makes, and a notifier that the test drives.
type bench struct {
	*store.Store

	t   *testing.T
	mu  sync.Mutex
	now time.Time
}

func setup(t *testing.T) *bench {
	t.Helper()
	return setupAt(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
}

// setupAt is setup over a store that others may have open, too.
func setupAt(t *testing.T, url string) *bench {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it
	return &bench{Store: s, t: t, now: time.UnixMilli(1764000000000).UTC()}
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// notifier makes one for the section notifications of a configuration.
func (b *bench) notifier(notifications string) *notify.Notifier {
	b.t.Helper()
	text := "sources: {shop: {open: true, scheme: {alg: none}}}\ndestinations: {billing: {url: 'https://billing.example/'}}\n" +
		"routes: {invoices: {from: [shop], to: billing}}\nnotifications:\n" + notifications
	cfg, err := config.Parse("penstock.yaml", []byte(text), func(name string) (string, bool) {
		value, there := map[string]string{"SIGN": signingSecret, "KEY": "r0ut1ng", "PASSWORD": "p4ss"}[name]
		return value, there
	}, config.Notified)
	require.NoError(b.t, err)
	n := notify.New(notify.Options{
		Store: b.Store, Config: func() *config.Config { return cfg }, ConsoleURL: "https://penstock.example/console", Log: zaptest.NewLogger(b.t), Now: b.clock,
	})
	require.NoError(b.t, n.RunOnce(b.t.Context())) // a new channel hears of nothing old
	return n
}

// fail makes an incident of an answer.
func (b *bench) fail(n int, answer string) {
	b.t.Helper()
	require.NoError(b.t, b.Apply(b.t.Context(), &store.Batch{Records: []status.Record{{
		Kind: status.Dead, Event: fmt.Sprintf("0199d3c4-7a51-7cc1-8f0a-%012d", n), Source: "shop", Type: "order.paid", Route: "invoices", Attempt: 1,
		At: b.clock(), Reason: fault.ReasonRejected, HTTPStatus: 422, Answer: []byte(answer),
	}}}))
}

func (b *bench) look(n *notify.Notifier) {
	b.t.Helper()
	require.NoError(b.t, n.RunOnce(b.t.Context()))
}

func (b *bench) only() store.Incident {
	b.t.Helper()
	all, err := b.Incidents(b.t.Context(), store.IncidentQuery{})
	require.NoError(b.t, err)
	require.Len(b.t, all, 1)
	return all[0]
}

// file keeps a secret where a configuration can refer to it.
func (b *bench) file(secret string) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "secret")
	require.NoError(b.t, os.WriteFile(path, []byte(secret), 0o600))
	return path
}
