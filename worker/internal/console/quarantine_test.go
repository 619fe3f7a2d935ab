package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/diagnose"
	"github.com/penstock/penstock/worker/internal/console"
	"github.com/penstock/penstock/worker/internal/quarantine"
)

// ward is a fake that holds one request, which is valid with the secret "right one".
type ward struct {
	asked  []string
	broken error
}

func (w *ward) entry() quarantine.Entry {
	return quarantine.Entry{ID: id(1), Source: "shop", From: "203.0.113.9", Method: "POST", Path: "/in/shop", Reason: "mismatch", ReceivedAt: start, Bytes: 36}
}

func (w *ward) List(_ context.Context, c quarantine.Choice) (quarantine.Page, error) {
	w.asked = append(w.asked, "list "+c.Source)
	return quarantine.Page{Entries: []quarantine.Entry{w.entry()}, Found: 1}, w.broken
}

func (w *ward) Show(_ context.Context, entry, secret string) (*quarantine.Detail, error) {
	if entry != id(1) {
		return nil, quarantine.ErrNotFound
	}
	w.asked = append(w.asked, "show with "+secret)
	return &quarantine.Detail{Entry: w.entry(), Checked: secret != "", Verdict: &diagnose.Verdict{
		OK: secret == "right one", Meaning: "The signature does not fit.", Findings: []diagnose.Finding{{Cause: "The body has <b>changed</b>.", Remedy: "Keep it.", Proven: true}},
	}}, w.broken
}

func (w *ward) Check(_ context.Context, by string, c quarantine.Choice, secret string, release bool) (quarantine.Outcome, error) {
	verdict := "mismatch"
	if secret == "right one" {
		verdict = map[bool]string{false: "valid", true: "released"}[release]
	}
	w.asked = append(w.asked, by+" checks "+c.Source+c.ID+" with "+secret+": "+verdict)
	e := w.entry()
	e.Verdict = verdict
	return quarantine.Outcome{Page: quarantine.Page{Entries: []quarantine.Entry{e}, Found: 1}, Verdicts: map[string]int{verdict: 1}}, w.broken
}

// setupWard is setup with a source that keeps a quarantine.
func setupWard(t *testing.T, change ...func(*console.Options)) (*bench, *ward) {
	t.Helper()
	w := &ward{}
	b := setup(t, append(change, func(o *console.Options) {
		cfg := o.Config()
		cfg.Sources["shop"].Quarantine = true
		o.Config = func() *config.Config { return cfg }
		o.Quarantine = w
	})...)
	return b, w
}

func TestTheQuarantineIsListedAndEachRequestSaysWhy(t *testing.T) {
	t.Parallel()
	b, w := setupWard(t)
	b.enter("reader")
	page := b.get("/console/quarantine").body
	require.Contains(t, page, "wrong secret, or a proxy changed the request")
	require.Contains(t, page, "203.0.113.9")
	require.NotContains(t, page, "Verify again", "who may only look verifies nothing")
	require.Equal(t, []string{"list shop"}, w.asked, "the only source is chosen")
	page = b.get("/console/quarantine/" + id(1)).body
	require.Contains(t, page, "The body has &lt;b&gt;changed&lt;/b&gt;.")
	require.Equal(t, http.StatusNotFound, b.get("/console/quarantine/"+id(2)).StatusCode)
	require.Equal(t, http.StatusNotFound, b.get("/console/quarantine/no-id").StatusCode)
	require.Equal(t, http.StatusForbidden, b.post("/console/quarantine", url.Values{"source": {"shop"}, "act": {"verify"}, "secret": {"x"}}).StatusCode)
	require.Equal(t, http.StatusForbidden, b.post("/console/quarantine/"+id(1), url.Values{"act": {"verify"}, "secret": {"x"}}).StatusCode)
}

func TestASecretThatIsTypedVerifiesAndIsShownNowhere(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zap.DebugLevel)
	b, w := setupWard(t, func(o *console.Options) { o.Log = zap.New(core) })
	b.enter("writer")
	form := func(act, secret string) url.Values {
		return url.Values{"source": {"shop"}, "within": {"1h"}, "act": {act}, "secret": {secret}}
	}
	for _, step := range []struct{ path, act, secret, shows string }{
		{"", "verify", "wrong one", "mismatch"},
		{"", "verify", "right one\r\n", "nothing was published"},
		{"", "replay", "right one", "Replayed what is valid"},
		{"/" + id(1), "verify", "wrong one", "not valid with this secret"},
		{"/" + id(1), "verify", "right one", "valid with this secret"},
		{"/" + id(1), "replay", "wrong one", "not valid with this secret"},
	} {
		got := b.post("/console/quarantine"+step.path, form(step.act, step.secret))
		require.Equal(t, http.StatusOK, got.StatusCode, "%+v", step)
		require.Contains(t, got.body, step.shows, "%+v", step)
		require.NotContains(t, got.body, " one\"", "%+v", step)
		require.NotContains(t, got.body, "right one", "%+v", step)
	}
	got := b.post("/console/quarantine/"+id(1), form("replay", "right one"))
	require.Equal(t, "/console/quarantine/"+id(1), got.Header.Get("Location"))
	require.Contains(t, b.get("/console/quarantine/"+id(1)).body, "The request has become an event.")
	require.Contains(t, w.asked, "writer checks shop with right one: released")
	require.Equal(t, http.StatusBadRequest, b.post("/console/quarantine", form("explode", "right one")).StatusCode)

	w.broken = errors.New("no access to the stream")
	require.Equal(t, http.StatusServiceUnavailable, b.post("/console/quarantine", form("replay", "right one")).StatusCode)
	require.Equal(t, http.StatusServiceUnavailable, b.get("/console/quarantine").StatusCode)
	require.NotEmpty(t, logged.All())
	for _, line := range logged.All() {
		require.NotContains(t, line.ContextMap(), "right one")
		require.Contains(t, line.ContextMap()["error"], "no access to the stream")
	}
}

func TestWithoutAQuarantineThePageSaysHowToHaveOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	require.Contains(t, b.get("/console/quarantine").body, "<code>quarantine: true</code>")
	require.Equal(t, http.StatusNotFound, b.post("/console/quarantine", url.Values{"source": {"shop"}, "act": {"verify"}}).StatusCode)
	require.Equal(t, http.StatusNotFound, b.get("/console/quarantine/"+id(1)).StatusCode)
	require.Equal(t, http.StatusBadRequest, b.get("/console/quarantine?within=ever").StatusCode)
}

func TestTheIncidentOfARotatedSecretLeadsToTheQuarantine(t *testing.T) {
	t.Parallel()
	b, _ := setupWard(t)
	b.enter("writer")
	b.operations.incident.Kind, b.operations.incident.Source, b.operations.incident.Route = "verification-failing", new("shop"), nil
	require.Contains(t, b.get("/console/incidents/incident-1").body, `/console/quarantine?source=shop`)
	require.Contains(t, b.get("/console/sources/shop").body, "/console/sources/shop")
}
