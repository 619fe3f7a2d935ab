package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/track"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a console over a store that the test fills, with a visitor who keeps cookies
// as a browser does.
type bench struct {
	t          *testing.T
	store      *store.Store
	archive    archive
	operations *operations
	tokens     string
	url        string
	console    *console.Console
	client     *http.Client
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

const configuration = `
sources:
  shop: {provider: stripe, secrets: ["${S}"], publicURL: "https://hooks.example.org/in/shop"}
  quiet: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "https://billing.example/"}
routes:
  invoices: {from: [shop], types: ["invoice.*"], to: billing}
`

func setup(t *testing.T, change ...func(*console.Options)) *bench {
	t.Helper()
	b := &bench{t: t, archive: archive{}, operations: newOperations(), tokens: filepath.Join(t.TempDir(), "tokens.yaml")}
	b.store = storetest.New(t)
	cfg, err := config.Parse("penstock.yaml", []byte(configuration), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(t, err)
	b.allow("reader: read", "writer: read, write", "robot: write")
	guard, err := api.NewGuard(b.tokens, false, zaptest.NewLogger(t))
	require.NoError(t, err)
	o := console.Options{
		Events: b.store, Sessions: b.store, Tokens: guard, Operations: b.operations, Archive: b.archive,
		Config: func() *config.Config { return cfg }, GatewayURL: "https://hooks.example.com", Log: zaptest.NewLogger(t),
	}
	for _, c := range change {
		c(&o)
	}
	c, err := console.New(o)
	require.NoError(t, err)
	b.console = c
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	b.url = server.URL
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.client = &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return b
}

// allow writes the tokens file: a name and its scopes each.
func (b *bench) allow(holders ...string) {
	var text strings.Builder
	text.WriteString("tokens:\n")
	for _, holder := range holders {
		name, scopes, _ := strings.Cut(holder, ": ")
		hash := sha256.Sum256([]byte(name + "-secret"))
		fmt.Fprintf(&text, "  - {name: %s, sha256: %s, scopes: [%s]}\n", name, hex.EncodeToString(hash[:]), scopes)
	}
	require.NoError(b.t, os.WriteFile(b.tokens, []byte(text.String()), 0o600))
}

// answer is what a test looks at.
type answer struct {
	*http.Response

	body string
}

func (b *bench) do(r *http.Request) answer {
	b.t.Helper()
	got, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	require.NoError(b.t, err)
	return answer{got, string(body)}
}

func (b *bench) get(path string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(b.t, err)
	return b.do(r)
}

// post sends a form as a page of the console does.
func (b *bench) post(path string, form url.Values) answer {
	b.t.Helper()
	return b.postFrom("same-origin", path, form)
}

func (b *bench) postFrom(site, path string, form url.Values) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", site)
	return b.do(r)
}

// enter signs in as the holder of a token.
func (b *bench) enter(name string) {
	b.t.Helper()
	require.Equal(b.t, http.StatusSeeOther, b.post("/console/sign-in", url.Values{"token": {name + "-secret"}}).StatusCode)
}

var start = time.Now().Add(-time.Hour).Truncate(time.Second)

func id(n int64) string { return fmt.Sprintf("0199d3c4-7a51-7cc1-8f0a-%012d", n) }

// happen stores an event with an outcome on the route invoices, and its payload.
func (b *bench) happen(n int64, typ string, kind status.Kind, body string, header ...event.Field) {
	b.t.Helper()
	at := start.Add(time.Duration(n) * time.Second)
	r := status.Record{
		Kind: kind, Event: id(n), Source: "shop", Type: typ, Route: "invoices", Attempt: 1, At: at.Add(time.Second),
		Reason: "timeout", HTTPStatus: 504, Took: 1200 * time.Millisecond,
	}
	require.NoError(b.t, b.store.Apply(b.t.Context(), &store.Batch{
		Accepted: []store.Accepted{{ID: id(n), Source: "shop", Type: typ, ProviderID: fmt.Sprintf("evt_%d", n), ReceivedAt: at, Size: len(body), Offset: n, Routes: []string{"invoices"}}},
		Records:  []status.Record{r},
	}))
	b.archive[n] = &event.Event{ID: id(n), Source: "shop", Type: typ, ReceivedAt: at, Body: []byte(body), Request: event.Request{
		Method: http.MethodPost, Path: "/in/shop", RemoteAddr: "203.0.113.9",
		Header: append([]event.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "Authorization", Value: "Bearer hush"}}, header...),
	}}
}
