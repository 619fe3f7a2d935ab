package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const githubSecret = "It's a Secret to Everybody"

// githubEvent is a webhook as GitHub sends it, signed independently of Penstock.
type githubEvent struct {
	kind, delivery, body string
	secret               string
}

func newGithubEvent(n int) githubEvent {
	return githubEvent{
		kind:     "push",
		delivery: fmt.Sprintf("%08d-0000-4000-8000-000000000000", n),
		body:     fmt.Sprintf(`{"ref":"refs/heads/main","n":%d}`, n),
		secret:   githubSecret,
	}
}

func (e githubEvent) request(ctx context.Context, url string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(e.body))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(e.secret))
	mac.Write([]byte(e.body))
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	req.Header.Set("X-Github-Event", e.kind)
	req.Header.Set("X-Github-Delivery", e.delivery)
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// answer is what the gateway said.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (a answer) eventID() string { return a.header.Get("Penstock-Event-Id") }

// newClient returns a client that trusts any certificate: the gateway made its own.
func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		MaxIdleConnsPerHost: 64,
		ForceAttemptHTTP2:   true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

func do(client *http.Client, req *http.Request) (answer, error) {
	began := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body), time.Since(began)}, err
}

// post sends the event and returns the answer, whatever it is.
func (s *stack) post(e githubEvent) answer {
	s.t.Helper()
	req, err := e.request(s.t.Context(), s.url+"/in/github")
	require.NoError(s.t, err)
	a, err := do(s.client, req)
	require.NoError(s.t, err)
	return a
}

// accept sends the event, requires that it is accepted, and returns its id.
func (s *stack) accept(e githubEvent) string {
	s.t.Helper()
	a := s.post(e)
	require.Less(s.t, a.status, 300, "%d %s", a.status, a.body)
	require.NotEmpty(s.t, a.eventID())
	return a.eventID()
}
