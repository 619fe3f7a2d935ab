package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account/accounttest"
)

// gapSenders are three providers with an API, and what their accounts may do.
const gapSenders = `
sources:
  hub: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  pay: {provider: stripe, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  lab: {provider: gitlab, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [hub, pay, lab], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
accounts:
  hub:
    provider: github
    source: hub
    settings: {repository: acme/shop, hook: "1"}
    credentials: {token: "${PROVIDER_TOKEN}"}
    url: "@HUB@"
    interval: 10s
    wait: 10s
    redeliver: true
    recover: @RECOVER@
  lab:
    provider: gitlab
    source: lab
    settings: {project: acme/shop, hook: "1"}
    credentials: {token: "${PROVIDER_TOKEN}"}
    url: "@LAB@"
    interval: 10s
    wait: 10s
    redeliver: true
    recover: @RECOVER@
  pay:
    provider: stripe
    source: pay
    settings: {endpoint: we_1}
    credentials: {key: "${PROVIDER_TOKEN}"}
    url: "@PAY@"
    interval: 10s
    wait: 10s
    recover: @RECOVER@
`

const providerToken = "provider-token"

// providers are a GitHub, a GitLab and a Stripe that send to the gateway of a stack.
type providers struct {
	*stack

	hub *accounttest.GitHub
	lab *accounttest.GitLab
	pay *accounttest.Stripe
	ids []string // of all events

	mu   sync.Mutex
	down bool // no gateway is there
}

// startProviders starts the providers' APIs, and configures the accounts.
func startProviders(t *testing.T, recovers string) *providers {
	t.Helper()
	p := &providers{stack: setup(t, plain)}
	deliver := func(source string) func(accounttest.Delivery) int {
		return func(d accounttest.Delivery) int { return p.deliver(source, d) }
	}
	p.hub = accounttest.NewGitHub(accounttest.Options{Deliver: deliver("hub"), Token: providerToken})
	p.pay = accounttest.NewStripe(accounttest.Options{Deliver: deliver("pay"), Token: providerToken})
	p.lab = accounttest.NewGitLab(accounttest.Options{Deliver: deliver("lab"), Token: providerToken})
	p.hub.Secret, p.lab.Secret, p.pay.Secret = githubSecret, githubSecret, githubSecret
	hub, lab, pay := httptest.NewServer(p.hub), httptest.NewServer(p.lab), httptest.NewServer(p.pay)
	t.Cleanup(hub.Close)
	t.Cleanup(lab.Close)
	t.Cleanup(pay.Close)
	p.env["PROVIDER_TOKEN"] = providerToken
	p.configure(strings.NewReplacer("@HUB@", hub.URL, "@LAB@", lab.URL, "@PAY@", pay.URL, "@RECOVER@", recovers).Replace(gapSenders))
	return p
}

// deliver makes a provider's request.
func (p *providers) deliver(source string, d accounttest.Delivery) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/in/"+source, bytes.NewReader(d.Body))
	if err != nil {
		return 0
	}
	req.Header = d.Header.Clone()
	a, err := do(p.client, req)
	if err != nil {
		return 0
	}
	return a.status
}

// outage says whether a gateway is there.
func (p *providers) outage(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// happen makes n events at each provider.
func (p *providers) happen(n int) {
	for range n {
		p.ids = append(p.ids, p.hub.Happen("push"), p.lab.Happen("Push Hook"), p.pay.Happen("charge.succeeded"))
	}
}

// received returns how often the receiver got each event, by the provider's id, and how many
// of them are marked as recovered.
func (p *providers) received() (counts map[string]int, marked int) {
	counts = map[string]int{}
	p.receiver.mu.Lock()
	defer p.receiver.mu.Unlock()
	for _, all := range p.receiver.arrivals {
		for _, a := range all {
			id := a.header.Get("X-Github-Delivery") + a.header.Get("Idempotency-Key")
			var body struct {
				ID string `json:"id"`
			}
			if id == "" && json.Unmarshal(a.body, &body) == nil {
				id = body.ID
			}
			counts[id]++
			if a.header.Get("Penstock-Recovered") == "api" {
				marked++
			}
		}
	}
	return counts, marked
}

// sentLine is the line of an account in the ledger.
type sentLine struct {
	Name        string `json:"name"`
	Trouble     string `json:"trouble"`
	Sent        int    `json:"sent"`
	Accepted    int    `json:"accepted"`
	Redelivered int    `json:"redelivered"`
	Fetched     int    `json:"fetched"`
	Lost        int    `json:"lost"`
	Missing     int    `json:"missing"`
}

// sentLines returns the accounts of the ledger by name.
func (t *tracker) sentLines() map[string]sentLine {
	var l struct {
		Accounts []sentLine `json:"accounts"`
	}
	if status, body := t.ask("/ledger"); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &l))
	}
	lines := map[string]sentLine{}
	for _, one := range l.Accounts {
		lines[one.Name] = one
	}
	return lines
}

func (t *tracker) awaitLine(name string, want sentLine) {
	t.t.Helper()
	want.Name = name
	var got sentLine
	require.Eventually(t.t, func() bool { got = t.sentLines()[name]; return got == want }, 120*time.Second, 200*time.Millisecond, "%+v", &got)
}

// awaitIncident waits for an open incident of a kind, with a text.
func (t *tracker) awaitIncident(kind, text string) {
	t.t.Helper()
	var body []byte
	require.Eventually(t.t, func() bool {
		_, body = t.ask("/incidents?kind=" + kind)
		return strings.Contains(string(body), text)
	}, 60*time.Second, 200*time.Millisecond, "%s", &body)
}

func TestWhatProvidersCouldNotDeliverIsRecoveredOnce(t *testing.T) {
	t.Parallel()
	p := startProviders(t, "true")
	gateway := p.startGateway()
	p.startDeliverer()
	tracker := p.startTracker()
	p.happen(3)
	require.Eventually(t, func() bool { return p.receiver.total() == 9 }, 60*time.Second, 50*time.Millisecond)

	p.outage(true)
	gateway.stop()
	p.happen(5)
	p.startGateway()
	p.outage(false)
	p.happen(2)
	tracker.awaitLine("hub", sentLine{Sent: 10, Accepted: 5, Redelivered: 5})
	tracker.awaitLine("lab", sentLine{Sent: 10, Accepted: 5, Redelivered: 5})
	tracker.awaitLine("pay", sentLine{Sent: 5, Fetched: 5}) // Stripe lists only what was not delivered

	p.pay.Retry() // it tries again by itself
	require.Eventually(t, func() bool { return p.receiver.total() >= 30 }, 60*time.Second, 50*time.Millisecond)
	p.happen(1) // behind everything before
	require.Eventually(t, func() bool { return p.receiver.total() >= 33 }, 60*time.Second, 50*time.Millisecond)
	counts, marked := p.received()
	for _, id := range p.ids {
		require.Equal(t, 1, counts[id], id)
	}
	require.Len(t, counts, len(p.ids))
	require.Equal(t, 5, marked, "what was fetched says so, and what was redelivered was signed")
}

func TestGapsAreShownAndRecoveredWhenAPersonAsks(t *testing.T) {
	t.Parallel()
	p := startProviders(t, "false")
	p.startGateway()
	p.startDeliverer()
	tracker := p.startTracker()
	p.happen(1)
	require.Eventually(t, func() bool { return p.receiver.total() == 3 }, 60*time.Second, 50*time.Millisecond)
	p.outage(true)
	p.happen(2)
	p.outage(false)
	tracker.awaitLine("hub", sentLine{Sent: 3, Accepted: 1, Missing: 2})
	require.Equal(t, 3, p.receiver.total(), "it only shows them")
	tracker.awaitIncident("provider-gap", "2 missing and 0 lost, sent from ")

	api := strings.TrimSuffix(tracker.url, "/api/v1")
	require.Contains(t, p.penstock(nil, "gaps", "hub", "--api", api), "missing")
	checked := p.penstock(nil, "accounts", "check", "--api", api)
	require.Contains(t, checked, "sends to")
	require.NotContains(t, checked, providerToken)
	_, page := tracker.console("/gaps")
	require.Contains(t, page, "2 missing")
	p.penstock(nil, "gaps", "--recover", "--api", api)
	tracker.awaitLine("hub", sentLine{Sent: 3, Accepted: 1, Redelivered: 2})
	tracker.awaitLine("lab", sentLine{Sent: 3, Accepted: 1, Redelivered: 2})
	tracker.awaitLine("pay", sentLine{Sent: 2, Fetched: 2})
	_, audit := tracker.ask("/audit")
	require.Contains(t, string(audit), "gap-recovered")

	p.hub.Revoke("another")
	require.Eventually(t, func() bool { return tracker.sentLines()["hub"].Trouble == "unauthorized" }, 60*time.Second, 200*time.Millisecond)
	tracker.awaitIncident("account-failing", "unauthorized since ")
	require.Zero(t, tracker.sentLines()["hub"].Lost)
	require.Equal(t, 9, p.receiver.total())
}
