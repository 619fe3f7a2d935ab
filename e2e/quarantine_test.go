package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// quarantining is plain, with a secret in a file and a quarantine.
const quarantining = `
sources:
  github: {provider: github, secrets: ["file:SECRET"], quarantine: true}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 2, jitter: 0, max: 10m}}
`

// ward is a stack whose secret is in a file.
type ward struct {
	*stack

	secret  string // the file
	rescuer string // the broker's URL for a user with the rights that the guide names
}

func setupWard(t *testing.T, secret string) *ward {
	t.Helper()
	w := &ward{secret: filepath.Join(t.TempDir(), "secret")}
	w.mend(t, secret)
	vhost := amqptest.New(t)
	w.stack = setupOn(t, strings.ReplaceAll(quarantining, "SECRET", w.secret), vhost.URL)
	w.rescuer = vhost.Restricted(t, `^$`, `^(amq\.default|penstock\.(routes|unrouted))$`, `^penstock\.quarantine$`)
	w.startDeliverer()
	return w
}

// mend puts another secret into the file.
func (w *ward) mend(t *testing.T, secret string) {
	t.Helper()
	require.NoError(t, os.WriteFile(w.secret+".new", []byte(secret), 0o600))
	require.NoError(t, os.Rename(w.secret+".new", w.secret))
}

// quarantined is one request as `penstock quarantine` prints it.
type quarantined struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Reason  string `json:"reason"`
	Verdict string `json:"verdict"`
}

// quarantine runs `penstock quarantine COMMAND`.
func (w *ward) quarantine(command string) (found []quarantined) {
	w.t.Helper()
	out := w.penstock(map[string]string{"PENSTOCK_AMQP_URLS": w.rescuer}, "quarantine", command, "--output", "json")
	require.NoError(w.t, json.Unmarshal([]byte(out), &found))
	return found
}

// verdicts are those of the command, in the order in which the requests came.
func (w *ward) verdicts(command string) (v []string) {
	w.t.Helper()
	for _, q := range w.quarantine(command) {
		v = append(v, q.Verdict)
	}
	return v
}

// refused sends events that the gateway must refuse.
func (w *ward) refused(events ...githubEvent) {
	w.t.Helper()
	for _, e := range events {
		require.Equal(w.t, http.StatusUnauthorized, w.post(e).status)
	}
}

func TestWhatAWrongSecretRefusedIsDeliveredOnceTheSecretIsMended(t *testing.T) {
	t.Parallel()
	w := setupWard(t, "mistyped")
	gateway := w.startGateway()
	ours, stranger := newGithubEvent(1), newGithubEvent(2)
	stranger.secret = "a guess"
	w.refused(ours, ours, stranger)
	require.Eventually(t, func() bool { return len(w.quarantine("list")) == 3 }, 60*time.Second, 100*time.Millisecond)
	for _, q := range w.quarantine("list") {
		require.Equal(t, "github", q.Source)
		require.Equal(t, "mismatch", q.Reason)
	}
	require.Equal(t, []string{"mismatch", "mismatch", "mismatch"}, w.verdicts("verify"))
	require.Equal(t, []string{"mismatch", "mismatch", "mismatch"}, w.verdicts("replay"), "nothing is released with the wrong secret")

	w.mend(t, githubSecret)
	require.Eventually(t, func() bool { return strings.Count(gateway.log.String(), "configuration in force") == 2 },
		60*time.Second, 100*time.Millisecond, "the gateway does not take up the secret")
	w.receiver.await(w.accept(newGithubEvent(3)), 1)
	require.Equal(t, []string{"valid", "copy", "mismatch"}, w.verdicts("verify"))
	rescued := w.quarantine("list")[0].ID
	require.Empty(t, w.receiver.of(rescued), "nothing in the quarantine reaches a worker")

	require.Equal(t, []string{"released", "copy", "mismatch"}, w.verdicts("replay"))
	w.requireDelivered(rescued, ours)
	require.Equal(t, []string{"released before", "copy", "mismatch"}, w.verdicts("replay"))
	require.True(t, gateway.alive())
}

// requireDelivered waits for the event, and requires that the receiver could verify it.
func (w *ward) requireDelivered(id string, e githubEvent) {
	w.t.Helper()
	got := w.receiver.await(id, 1)[0]
	sameBytes(w.t, []byte(e.body), got.body)
	sent, err := e.request(w.t.Context(), w.url)
	require.NoError(w.t, err)
	for _, name := range []string{"X-Hub-Signature-256", "X-Github-Event", "X-Github-Delivery"} {
		require.Equal(w.t, sent.Header.Get(name), got.header.Get(name), name)
	}
	require.Equal(w.t, "push", got.header.Get("Penstock-Event-Type"))
}

func TestAGatewayWithoutAQuarantineKeepsNothingThatItRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	wrong := newGithubEvent(1)
	wrong.secret = "a guess"
	require.Equal(t, http.StatusUnauthorized, s.post(wrong).status)
	s.accept(newGithubEvent(2))
	queues := s.penstock(nil, "topology", "show")
	require.Contains(t, queues, "penstock.archive")
	require.NotContains(t, queues, "penstock.quarantine")
	ch := s.operator().channel()
	_, err := ch.QueueDeclarePassive("penstock.quarantine", true, false, false, false, nil)
	require.ErrorContains(t, err, "NOT_FOUND")
}

func TestAFloodOfForgedRequestsFillsTheQuarantineNoFurtherThanItsShare(t *testing.T) {
	t.Parallel()
	w := setupWard(t, githubSecret)
	gateway := w.startGateway()
	forged := newGithubEvent(1)
	forged.secret, forged.body = "a guess", strings.Repeat("x", 1_000_000)
	const flood = 20 // more than a source may write in a minute
	for range flood {
		w.refused(forged)
	}
	w.receiver.await(w.accept(newGithubEvent(2)), 1)
	_, page := gateway.get("/metrics")
	require.True(t, containsLine(page, `penstock_quarantine_dropped_total{source="github"}`), "nothing was dropped")
	kept := w.verdicts("verify")
	require.Less(t, len(kept), flood)
	require.False(t, slices.Contains(kept, "valid"))
}
