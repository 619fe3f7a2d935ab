package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// telling has a secret wherever a configuration can have one, a filter that fails over
// the body, and a destination that gives up.
const telling = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], quarantine: true}
  partner: {auth: [{apiKey: {header: X-API-Key, keys: [{name: acme, sha256: "KEY"}]}}], maxBody: 64KiB}
destinations:
  receiver:
    url: "RECEIVER/hooks/private-path?token=private-query"
    timeout: 5s
    headers: {Authorization: "${BILLING_TOKEN}"}
    signing: {secrets: ["${SIGNING_SECRET}"]}
routes:
  everything: {from: [github, partner], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m, maxAttempts: 2}}
  broken: {from: [github], filter: "int(body.number) > 0", to: receiver}
  bent: {from: [partner], transform: "{n: (.number | tonumber)}", to: receiver}
`

// What must be nowhere to be read, and is easily found. What a sender sends is in what
// an operator may see of an event, but in no log, metric or trace.
const (
	privateSecret = "private-secret-of-the-provider"
	privateKey    = "private-key-of-the-partner"
	privateToken  = "private-token-of-the-destination"
	privateAPI    = "private-token-of-the-api"
	privateBody   = "private-words-in-the-body"
	signingSecret = "whsec_cHJpdmF0ZS1zZWNyZXQtb2Ytb3Vycy0xMjM0NTY3OA=="
)

// glass is an installation of which everything that it tells can be read.
type glass struct {
	*stack

	api       string // of the tracker
	processes map[string]*process
	collector *collector
	private   []string // what must be nowhere
}

// setupGlass starts all processes of that configuration, at level debug.
func setupGlass(t *testing.T) *glass {
	t.Helper()
	vhost := amqptest.New(t)
	broker := vhost.Restricted(t, ".*", ".*", ".*")
	g := &glass{stack: setupOn(t, strings.ReplaceAll(telling, "KEY", digest(privateKey)), broker)}
	g.collector = g.collect()
	u, err := url.Parse(broker)
	require.NoError(t, err)
	password, _ := u.User.Password()
	g.private = []string{password, signingSecret, signingSecret[len("whsec_"):], "private-"}
	tokens := filepath.Join(t.TempDir(), "tokens.yaml")
	require.NoError(t, os.WriteFile(tokens, []byte("tokens: [{name: operator, sha256: "+digest(privateAPI)+", scopes: [read, write]}]"), 0o600))
	maps.Copy(g.env, map[string]string{
		"GITHUB_WEBHOOK_SECRET": privateSecret, "BILLING_TOKEN": "Bearer " + privateToken, "SIGNING_SECRET": signingSecret,
		"PENSTOCK_API_TOKENS_FILE": tokens, "PENSTOCK_STORE_URL": "sqlite:" + filepath.Join(t.TempDir(), "store.db"),
		"PENSTOCK_REDIS_URL": "redis://user:private-redis@" + freeAddress(t) + "/",
	})
	g.receiver.answer = func(_ int, a arrival) int {
		if strings.Contains(string(a.body), "refuse") {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}
	api := freeAddress(t)
	g.api = "http://" + api + "/api/v1"
	g.processes = map[string]*process{
		"gateway": g.startGateway(), "deliverer": g.startDeliverer(),
		"tracker": start(t, "worker", []string{"track"}, g.settings(map[string]string{"PENSTOCK_LISTEN": api})),
	}
	g.processes["tracker"].awaitReady()
	return g
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// send sends a body, with header fields in pairs.
func (g *glass) send(path, body string, header ...string) answer {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.url+path, strings.NewReader(body))
	require.NoError(g.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	a, err := do(g.client, req)
	require.NoError(g.t, err)
	return a
}

// signed sends what GitHub would, with that secret.
func (g *glass) signed(n int, secret, word string) answer {
	g.t.Helper()
	e := newGithubEvent(n)
	e.secret, e.body = secret, fmt.Sprintf(`{"text": %q, "number": %q, "n": %d}`, privateBody+word, privateBody, n)
	req, err := e.request(g.t.Context(), g.url)
	require.NoError(g.t, err)
	signature := req.Header.Get("X-Hub-Signature-256")
	g.private = append(g.private, strings.TrimPrefix(signature, "sha256="))
	return g.send("/in/github?token=private-query", e.body, "X-Hub-Signature-256", signature, "X-Github-Event", "push",
		"X-Github-Delivery", e.delivery, "Content-Type", "application/json", "Cookie", "private-cookie", "User-Agent", "private-agent",
		"Authorization", "Bearer private-bearer")
}

func (g *glass) ask(method, path, token string) int {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.api+path, strings.NewReader("{}"))
	require.NoError(g.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	a, err := do(g.client, req)
	require.NoError(g.t, err)
	return a.status
}

func TestNoSecretSignatureOrPayloadIsInAnyLogMetricOrTrace(t *testing.T) {
	t.Parallel()
	g := setupGlass(t)
	delivered := g.signed(1, privateSecret, "")
	require.Equal(t, http.StatusOK, delivered.status)
	dead := g.signed(2, privateSecret, "refuse").eventID()
	require.Equal(t, http.StatusUnauthorized, g.signed(3, "private-guess", "").status)
	require.Equal(t, http.StatusUnauthorized, g.send("/in/github", "private-x", "X-Hub-Signature-256", "private-signature").status)
	require.Equal(t, http.StatusAccepted, g.send("/in/partner", privateBody, "X-API-Key", privateKey).status)
	require.Equal(t, http.StatusUnauthorized, g.send("/in/partner", privateBody, "X-API-Key", "private-guess").status)
	require.Equal(t, http.StatusNotFound, g.send("/in/private-source", privateBody).status)
	require.Equal(t, http.StatusRequestEntityTooLarge, g.send("/in/partner", strings.Repeat("private-", 16<<10), "X-API-Key", privateKey).status)
	for _, a := range g.receiver.await(dead, 2) {
		g.private = append(g.private, strings.TrimPrefix(a.header.Get("Webhook-Signature"), "v1,"))
	}
	require.Equal(t, "Bearer "+privateToken, g.receiver.await(delivered.eventID(), 1)[0].header.Get("Authorization"))

	require.Equal(t, http.StatusUnauthorized, g.ask(http.MethodGet, "/events", "private-guess"))
	require.Eventually(t, func() bool { return g.ask(http.MethodGet, "/events/"+dead+"/payload", privateAPI) == http.StatusOK }, 60*time.Second, 50*time.Millisecond)
	require.Equal(t, http.StatusAccepted, g.ask(http.MethodPost, "/events/"+delivered.eventID()+"/replay", privateAPI))
	g.receiver.await(delivered.eventID(), 2)
	g.collector.await("settle penstock.route.everything", 4)
	g.requireDiscreet(delivered.eventID())
}

// requireDiscreet reads all that the processes tell: what may be there is, and nothing
// private.
func (g *glass) requireDiscreet(event string) {
	g.t.Helper()
	told := map[string]string{}
	for name, p := range g.processes {
		_, told[name+" /metrics"] = p.get("/metrics")
		_, told[name+" /readyz"] = p.get("/readyz")
		require.Contains(g.t, told[name+" /metrics"], "penstock_broker_connections")
		p.stop() // exports what it holds
		told[name+" log"] = p.log.String()
		require.Contains(g.t, told[name+" log"], event)
	}
	told["traces"], told["metrics"] = g.collector.everything("/v1/traces"), g.collector.everything("/v1/metrics")
	for _, route := range []string{"broken", "bent"} {
		require.Regexp(g.t, `"msg":"event dead","route":"`+route+`"`, told["deliverer log"], "nothing failed there")
	}
	require.Contains(g.t, told["traces"], event)
	require.Contains(g.t, told["metrics"], "penstock.accepted")
	for where, text := range told {
		for _, private := range g.private {
			require.NotEmpty(g.t, private)
			if at := strings.Index(text, private); at >= 0 {
				require.Fail(g.t, "something private is told", "%s: %q", where, text[max(0, at-200):min(len(text), at+60)])
			}
		}
	}
}
