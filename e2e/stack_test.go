package e2e

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// stack is one installation: a vhost, a configuration, a receiver, and the processes
// that the test starts.
type stack struct {
	t        *testing.T
	broker   string // AMQP URL of the vhost
	file     string // the configuration file
	receiver *receiver
	client   *http.Client
	url      string // of the gateway
	env      map[string]string
	store    string // of the trackers
}

// plain is the configuration of most tests: GitHub to the receiver, with quick retries.
const plain = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
`

// setup prepares an installation on the tests' broker, and starts nothing yet.
func setup(t *testing.T, config string) *stack {
	t.Helper()
	return setupOn(t, config, amqptest.Broker(t))
}

// setupOn is setup on a broker of the test's own.
func setupOn(t *testing.T, config, broker string) *stack {
	t.Helper()
	s := &stack{t: t, broker: broker, receiver: newReceiver(t), client: newClient(t)}
	s.file = filepath.Join(t.TempDir(), "penstock.yaml")
	s.configure(config)
	s.env = map[string]string{
		"PATH":                  os.Getenv("PATH"),
		"PENSTOCK_CONFIG":       s.file,
		"PENSTOCK_AMQP_URLS":    broker,
		"PENSTOCK_DRAIN_DELAY":  "0s",
		"PENSTOCK_TLS_MODE":     "self-signed",
		"PENSTOCK_LOG_LEVEL":    "debug",
		"GITHUB_WEBHOOK_SECRET": githubSecret,
		"PARTNER_KEY":           "unused",
	}
	return s
}

// configure writes the configuration, with the receiver's address in its place.
// Running processes take it up.
func (s *stack) configure(config string) {
	s.t.Helper()
	text := strings.ReplaceAll(config, "RECEIVER", s.receiver.server.URL)
	temporary := s.file + ".new"
	require.NoError(s.t, os.WriteFile(temporary, []byte(text), 0o600))
	require.NoError(s.t, os.Rename(temporary, s.file))
}

func (s *stack) settings(more map[string]string) map[string]string {
	env := maps.Clone(s.env)
	maps.Copy(env, more)
	env["PENSTOCK_ADMIN_LISTEN"] = freeAddress(s.t)
	return env
}

func (s *stack) startGateway() *process {
	s.t.Helper()
	p := s.launchGateway()
	p.awaitReady()
	return p
}

// launchGateway is startGateway for one that may not become ready.
func (s *stack) launchGateway() *process {
	s.t.Helper()
	address := freeAddress(s.t)
	s.url = "https://" + address
	return start(s.t, "gateway", nil, s.settings(map[string]string{"PENSTOCK_LISTEN": address}))
}

func (s *stack) startDeliverer() *process {
	s.t.Helper()
	p := start(s.t, "worker", []string{"deliver"}, s.settings(nil))
	p.awaitReady()
	return p
}
