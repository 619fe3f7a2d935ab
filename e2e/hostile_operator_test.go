package e2e

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requestBy sends a request by the name of a host, and returns the answer. Redirections are not followed.
func requestBy(t *testing.T, method, address, host string, form url.Values) answer {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	require.NoError(t, err)
	if host != "" {
		req.Host = host
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "http://"+req.URL.Host)
	}
	client := &http.Client{Transport: http.DefaultTransport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, err := do(client, req)
	require.NoError(t, err)
	return a
}

// A page of a stranger has a browser ask by the stranger's own name, which leads here (DNS rebinding): it must neither
// read nor change anything. And a misspelt filter must not find everything.
func TestAnOpenTrackerAnswersNoHostileName(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	track := s.startTracker()
	id := s.accept(newGithubEvent(1))
	base := strings.TrimSuffix(track.url, "/api/v1")
	for _, path := range []string{
		"/", "/console/", "/console/events/" + id, "/api/v1/events", "/api/v1/events/" + id + "/payload", "/api/v1/events/stream", "/api/v1/me", "/api/v1/openapi.json",
	} {
		for _, host := range []string{"evil.example", "localhost.evil.example:8090", "127.0.0.1.evil.example"} {
			a := requestBy(t, http.MethodGet, base+path, host, nil)
			require.Equal(t, http.StatusMisdirectedRequest, a.status, "%s by %s: %s", path, host, a.body)
			require.NotContains(t, a.body, id)
		}
	}
	for _, path := range []string{"/api/v1/jobs", "/api/v1/events/" + id + "/replay", "/console/events/" + id} {
		a := requestBy(t, http.MethodPost, base+path, "evil.example", url.Values{"act": {"replay"}})
		require.Equal(t, http.StatusMisdirectedRequest, a.status, "%s: %s", path, a.body)
	}
	require.Equal(t, http.StatusOK, requestBy(t, http.MethodGet, base+"/api/v1/events", "localhost:8090", nil).status)
	for _, path := range []string{"/api/v1/events?sourc=github", "/api/v1/events?State=dead", "/console/events?sourc=github"} {
		a := requestBy(t, http.MethodGet, base+path, "", nil)
		require.Equal(t, http.StatusBadRequest, a.status, a.body)
		require.Contains(t, a.body, "did you mean")
	}
}

func TestTokensOfARealTrackerCannotBeGuessedWithoutEnd(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway() // declares what the tracker reads
	tokens := filepath.Join(t.TempDir(), "tokens.yaml")
	digest := "4fb0ec253762c2bc152b9ebd000f70fd8fca3a3f36f7962fa508d40f6adb1ade" // of no token
	require.NoError(t, os.WriteFile(tokens, []byte("tokens:\n  - {name: operator, sha256: "+digest+", scopes: [read, write]}\n"), 0o600))
	address := freeAddress(t)
	p := start(t, "worker", []string{"track"}, s.settings(map[string]string{
		"PENSTOCK_LISTEN": address, "PENSTOCK_STORE_URL": "sqlite:" + filepath.Join(t.TempDir(), "store.db"), "PENSTOCK_API_TOKENS_FILE": tokens,
	}))
	p.awaitReady()
	statuses := map[int]int{}
	for range 40 {
		statuses[requestBy(t, http.MethodPost, "http://"+address+"/console/sign-in", "", url.Values{"token": {"a guess"}}).status]++
	}
	require.LessOrEqual(t, statuses[http.StatusUnauthorized], 12, "ten at once, and two a minute")
	require.Equal(t, 40, statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests])
}

// A secret that a handshake handed over is for a program on the gateway's own host.
func TestNoHostilePageReadsACapturedSecret(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.Replace(plain, `secrets: ["${GITHUB_WEBHOOK_SECRET}"]`, "secrets: [\"${GITHUB_WEBHOOK_SECRET}\"]}\n  tasks: {provider: asana, pending: true", 1))
	gateway := s.startGateway()
	const secret = "b537207f20cbfa02357cf448134da559"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/tasks", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("X-Hook-Secret", secret)
	a, err := do(s.client, req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.status, a.body)

	page := "http://" + gateway.admin + "/captured/tasks"
	for _, host := range []string{"evil.example", "localhost.evil.example", "gateway:9090", "10.1.2.3:9090"} {
		a := requestBy(t, http.MethodGet, page, host, nil)
		require.Equal(t, http.StatusForbidden, a.status, host)
		require.NotContains(t, a.body, secret)
	}
	status, body := gateway.get("/captured/tasks")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, secret, "no refusal has used it up")
	require.Equal(t, http.StatusNotFound, gateway.status("/captured/tasks"))
}
