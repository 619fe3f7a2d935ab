package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// relayed is an application that notes the number of each event, by source.
type relayed struct {
	*httptest.Server

	mu      sync.Mutex
	highest map[string]int
	jumps   []string // what came before the one before it
	total   int
}

func newRelayed(t *testing.T) *relayed {
	t.Helper()
	r := &relayed{highest: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *relayed) serve(w http.ResponseWriter, req *http.Request) {
	var body struct {
		N int `json:"n"`
	}
	if json.NewDecoder(req.Body).Decode(&body) != nil {
		return // the relay was killed in the middle: it did not arrive
	}
	source := req.Header.Get("Penstock-Source")
	r.mu.Lock()
	defer r.mu.Unlock()
	if body.N > r.highest[source]+1 {
		r.jumps = append(r.jumps, fmt.Sprintf("%s: %d after %d", source, body.N, r.highest[source]))
	}
	r.highest[source] = max(r.highest[source], body.N)
	r.total++
	if body.N%7 == 0 {
		w.WriteHeader(http.StatusInternalServerError) // any answer is one
	}
}

// arrived is how many different events came, and how many of all.
func (r *relayed) arrived() (different, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.highest {
		different += n
	}
	return different, r.total
}

const relaySources = 4

// relayConfig has sources, and one route whose queue no deliverer consumes.
func relayConfig() string {
	var text strings.Builder
	text.WriteString("sources:\n  github: {provider: github, secrets: [\"${GITHUB_WEBHOOK_SECRET}\"]}\n")
	for i := range relaySources {
		fmt.Fprintf(&text, "  source-%d: {open: true, scheme: {alg: none, type: json:t}}\n", i)
	}
	return text.String() + "destinations:\n  receiver: {url: \"RECEIVER\"}\nroutes:\n  everything: {from: [github], to: receiver}\n"
}

// guarded starts a tracker at an address whose API wants tokens.
func (s *stack) guarded(address string) *tracker {
	s.t.Helper()
	if s.store == "" {
		s.store = "sqlite:" + filepath.Join(s.t.TempDir(), "store.db")
	}
	tokens := filepath.Join(filepath.Dir(s.file), "tokens.yaml")
	var text strings.Builder
	text.WriteString("tokens:\n")
	for _, scope := range []string{"relay", "read"} {
		hash := sha256.Sum256([]byte(scope + "-token"))
		fmt.Fprintf(&text, "  - {name: %ser, sha256: %x, scopes: [%s]}\n", scope, hash, scope)
		require.NoError(s.t, os.WriteFile(filepath.Join(filepath.Dir(s.file), scope), []byte(scope+"-token"), 0o600))
	}
	require.NoError(s.t, os.WriteFile(tokens, []byte(text.String()), 0o600))
	p := start(s.t, "worker", []string{"track"}, s.settings(map[string]string{
		"PENSTOCK_LISTEN": address, "PENSTOCK_STORE_URL": s.store, "PENSTOCK_API_TOKENS_FILE": tokens,
	}))
	p.awaitReady()
	return &tracker{p, "http://" + address + "/api/v1"}
}

// relayTo starts a relay.
func (s *stack) relayTo(address, scope string, args ...string) *process {
	s.t.Helper()
	require.NoError(s.t, buildCommand())
	return start(s.t, "penstock", append([]string{"listen", "--api", "http://" + address}, args...), map[string]string{
		"HOME": filepath.Dir(s.file), "NO_COLOR": "1", "PENSTOCK_API_TOKEN_FILE": filepath.Join(filepath.Dir(s.file), scope),
	})
}

// number sends one numbered event until it is accepted.
func (s *stack) number(source string, n int) error {
	body := fmt.Sprintf(`{"t": "order.paid", "N": %d}`, n)
	for s.t.Context().Err() == nil {
		req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/in/"+source, strings.NewReader(body))
		if err != nil {
			return err
		}
		if a, err := do(s.client, req); err == nil && a.status/100 == 2 {
			return nil
		}
	}
	return s.t.Context().Err()
}

func TestARelayForwardsEachEventInOrderThroughKillsAndNewTrackers(t *testing.T) {
	t.Parallel()
	const kills, takeovers = 20, 3
	events := 10_000
	if testing.Short() {
		events = 2_000
	}
	s := setup(t, relayConfig())
	s.startGateway()
	address := freeAddress(t)
	tracker := s.guarded(address)
	app := newRelayed(t)
	args := []string{"--forward", app.URL + "/hooks", "--filter", "has(body.N) && body.N > 0", "--type", "order.*"}
	for i := range relaySources {
		args = append(args, "--source", fmt.Sprintf("source-%d", i))
	}
	client := s.relayTo(address, "relay", append(args, "--from", "first")...)

	var sending sync.WaitGroup
	var failed atomic.Value
	for i := range relaySources {
		sending.Go(func() {
			for n := 1; n <= events/relaySources; n++ {
				if err := s.number(fmt.Sprintf("source-%d", i), n); err != nil {
					failed.Store(err)
					return
				}
			}
		})
	}
	for n := 1; n <= kills; n++ {
		require.Eventually(t, func() bool { different, _ := app.arrived(); return different >= n*events/(kills+1) },
			2*time.Minute, 5*time.Millisecond, "%d kills", n)
		client.kill()
		if n%(kills/takeovers) == 0 {
			tracker.kill()
			tracker = s.guarded(address)
		}
		client = s.relayTo(address, "relay", args...)
	}
	sending.Wait()
	require.Nil(t, failed.Load())
	require.Eventually(t, func() bool { different, _ := app.arrived(); return different == events }, 2*time.Minute, 10*time.Millisecond)
	client.stop()

	require.Empty(t, app.jumps, "an event was passed over, or came too early")
	_, total := app.arrived()
	t.Logf("%d events arrived after %d kills and %d trackers, %d of them twice", events, kills, takeovers, total-events)
	require.LessOrEqual(t, total-events, kills+takeovers, "each kill repeats one event at most")
	require.Zero(t, s.receiver.total(), "a relay is a delivery")
	require.Contains(t, s.penstock(map[string]string{
		"PENSTOCK_API_URL": "http://" + address, "PENSTOCK_API_TOKEN_FILE": filepath.Join(filepath.Dir(s.file), "read"),
	}, "audit", "--output", "json"), `"relay-ended"`)
}

func TestARelayNeedsATokenOfItsOwnScope(t *testing.T) {
	t.Parallel()
	s := setup(t, relayConfig())
	s.startGateway()
	address := freeAddress(t)
	s.guarded(address)
	refused := s.relayTo(address, "read", "--forward", "localhost:1")
	select {
	case <-refused.ended:
	case <-time.After(time.Minute):
		require.Fail(t, "a relay with the scope read goes on")
	}
	require.Contains(t, refused.log.String(), "scope")
}

func TestWhatARelayForwardsIsWhatTheSenderSigned(t *testing.T) {
	t.Parallel()
	s := setup(t, relayConfig())
	s.startGateway()
	address := freeAddress(t)
	s.guarded(address)
	got := make(chan *http.Request, 1)
	bodies := make(chan []byte, 1)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r
		bodies <- body
	}))
	t.Cleanup(app.Close)
	e := newGithubEvent(1)
	id := s.accept(e)
	want, err := e.request(context.Background(), s.url+"/in/github")
	require.NoError(t, err)
	client := s.relayTo(address, "relay", "--forward", "github="+app.URL, "--forward", "source-1=http://127.0.0.1:1/", "--from", "1h", "--output", "json")
	r := <-got
	require.Equal(t, e.body, string(<-bodies))
	for _, name := range []string{"X-Hub-Signature-256", "X-Github-Event", "X-Github-Delivery", "Content-Type"} {
		require.Equal(t, want.Header.Values(name), r.Header.Values(name), name)
	}
	require.Equal(t, id, r.Header.Get("Penstock-Event-Id"))
	require.Eventually(t, func() bool { return strings.Contains(client.log.String(), `"status":200`) }, time.Minute, 10*time.Millisecond)
	client.stop()
}
