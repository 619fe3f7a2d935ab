package ingest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

const pendingSources = `
  asana: {provider: asana, pending: true}
  clio: {provider: clio, pending: true}
  notion: {provider: notion, pending: true}`

const handedOver = "sent-b537207f20cbfa02357cf448134da559"

// shown is what an operator reads.
type shown struct {
	Source     string `json:"source"`
	Secret     string `json:"secret"`
	Next       string `json:"next"`
	Handshakes int    `json:"handshakes"`
}

// ask asks the admin listener's handler as an operator does.
func (b *bundle) ask(method, source string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.Handle(ingest.CapturedRoute, b.captured)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "http://localhost:9090/captured/"+source, http.NoBody)
	r.RemoteAddr = "127.0.0.1:40000"
	for _, c := range change {
		c(r)
	}
	mux.ServeHTTP(w, r)
	return w
}

func TestASecretIsShownOnTheGatewaysOwnHostOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, pendingSources)
	_, err := b.Serve(t.Context(), offer("asana"))
	require.NoError(t, err)
	for name, change := range map[string]func(*http.Request){
		"another pod":      func(r *http.Request) { r.RemoteAddr = "10.1.2.3:40000" },
		"by our address":   func(r *http.Request) { r.RemoteAddr, r.Host = "10.1.2.3:40000", "10.1.2.4:9090" },
		"a page":           func(r *http.Request) { r.Host = "evil.example:9090" },
		"a service's":      func(r *http.Request) { r.Host = "gateway:9090" },
		"a proxy beside":   func(r *http.Request) { r.Header.Set("X-Forwarded-For", "10.1.2.3") },
		"another one":      func(r *http.Request) { r.Header.Set("Forwarded", "for=10.1.2.3") },
		"no address":       func(r *http.Request) { r.RemoteAddr = "@" },
		"a mapped address": func(r *http.Request) { r.RemoteAddr = "[::ffff:10.1.2.3]:40000" },
	} {
		w := b.ask(http.MethodGet, "asana", change)
		require.Equal(t, http.StatusForbidden, w.Code, name)
		require.NotContains(t, w.Body.String(), handedOver, name)
	}
	require.Equal(t, handedOver, b.read(t, "asana").Secret, "a refusal must not use it up")
}

// read returns the secret that must be there.
func (b *bundle) read(t *testing.T, source string) (s shown) {
	t.Helper()
	w := b.ask(http.MethodGet, source)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &s))
	return s
}

func offer(source string) *ingest.Request {
	if source == "notion" {
		return request(source, `{"verification_token":"`+handedOver+`"}`)
	}
	return request(source, "", "X-Hook-Secret", handedOver)
}

func TestASecretIsCapturedAndShownOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, pendingSources)
	for _, source := range []string{"asana", "clio", "notion"} {
		require.Equal(t, http.StatusNotFound, b.ask(http.MethodGet, source).Code)
		answer, err := b.Serve(t.Context(), offer(source))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.Status)
		require.EqualValues(t, 1, b.count(t, "penstock.handshakes", source))

		require.Equal(t, http.StatusMethodNotAllowed, b.ask(http.MethodHead, source).Code)
		got := b.read(t, source)
		require.Equal(t, shown{Source: source, Secret: handedOver, Next: got.Next, Handshakes: 1}, got)
		require.Contains(t, got.Next, "pending")
		require.Equal(t, http.StatusNotFound, b.ask(http.MethodGet, source).Code)
	}
	require.Empty(t, b.publisher.events())
}

func TestTheNewestSecretIsShownWithTheNumberOfHandshakes(t *testing.T) {
	t.Parallel()
	b := setup(t, pendingSources)
	for _, secret := range []string{"a stranger's", handedOver} {
		_, err := b.Serve(t.Context(), request("asana", "", "X-Hook-Secret", secret))
		require.NoError(t, err)
	}
	got := b.read(t, "asana")
	require.Equal(t, handedOver, got.Secret)
	require.Equal(t, 2, got.Handshakes)
}

func TestAPendingSourceTakesNothingButTheHandshake(t *testing.T) {
	t.Parallel()
	b := setup(t, pendingSources)
	for _, r := range []*ingest.Request{
		request("asana", `{"events":[]}`),
		request("asana", "{}", "X-Hook-Signature", sign("{}")[len("sha256="):]),
		request("notion", `{"verification_token":"a"}`, "X-Notion-Signature", "sha256=00"),
		request("notion", `{"type":"page.created"}`),
	} {
		refusal := b.refused(t, r)
		require.Equal(t, ingest.KindUnauthorized, refusal.Kind)
		require.Equal(t, "unknown-key", refusal.Reason)
	}
	require.Empty(t, b.publisher.events())
}

func TestASettledSourceCapturesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, "  asana: {provider: asana, secrets: ['${S}']}")
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, offer("asana")).Kind)
	require.Equal(t, http.StatusNotFound, b.ask(http.MethodGet, "asana").Code)
}

func TestACapturedSecretIsNotLogged(t *testing.T) {
	t.Parallel()
	core, lines := observer.New(zap.DebugLevel)
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	b := setupWhole(t, pendingSources, limits, new(fakePublisher), zap.New(core))
	_, err := b.Serve(t.Context(), offer("notion"))
	require.NoError(t, err)
	require.Equal(t, 1, lines.FilterField(zap.String("path", "/captured/notion")).Len())
	for _, line := range lines.All() {
		text, err := json.Marshal(line.ContextMap())
		require.NoError(t, err)
		require.NotContains(t, line.Message+string(text), "sent-")
	}
}
