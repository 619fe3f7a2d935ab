package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
)

func TestReplayingAnEventMakesAJob(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.happen(7, "invoice.paid", status.Dead, "{}")
	got := b.post("/console/events/"+id(7)+"/replay", url.Values{"route": {"invoices"}})
	require.Equal(t, "/console/jobs/job-1", got.Header.Get("Location"))
	route := "invoices"
	require.Equal(t, []api.JobRequest{{Kind: api.Replay, To: &route, Filter: api.Filter{Ids: &[]string{id(7)}}}}, b.operations.asked)
	require.Equal(t, []string{"writer"}, b.operations.by)
	require.Equal(t, http.StatusNotFound, b.post("/console/events/"+id(8)+"/replay", nil).StatusCode)
}

func TestDiscardingAnEventIsAboutItsDeadLetters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.happen(7, "invoice.paid", status.Dead, "{}")
	b.post("/console/events/"+id(7)+"/discard", nil)
	dead := api.State("dead")
	require.Equal(t, []api.JobRequest{{Kind: api.Discard, Filter: api.Filter{Ids: &[]string{id(7)}, State: &dead}}}, b.operations.asked)
}

func TestWhatIsSelectedIsReplayed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	got := b.post("/console/dead", url.Values{"act": {"replay"}, "which": {"selected"}, "id": {id(1), id(2)}, "route": {"invoices"}, "type": {"invoice.*"}})
	require.Equal(t, "/console/jobs/job-1", got.Header.Get("Location"))
	dead, route := api.State("dead"), "invoices"
	require.Equal(t, []api.JobRequest{{Kind: api.Replay, Filter: api.Filter{Ids: &[]string{id(1), id(2)}, State: &dead, Route: &route}}}, b.operations.asked)
}

func TestAllThatTheFilterFindsIsDiscarded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	b.post("/console/dead", url.Values{"act": {"discard"}, "which": {"all"}, "reason": {"rejected"}, "type": {"invoice.*"}, "id": {id(1)}})
	dead, reason, typ := api.State("dead"), "rejected", "invoice.*"
	require.Equal(t, []api.JobRequest{{Kind: api.Discard, Filter: api.Filter{State: &dead, Reason: &reason, Type: &typ}}}, b.operations.asked)
}

// look gets a page as the script does that keeps it up to date.
func (b *bench) look(path string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(b.t, err)
	r.Header.Set("X-Requested-With", "XMLHttpRequest")
	return b.do(r)
}

func TestNothingSelectedDoesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	got := b.post("/console/dead", url.Values{"act": {"discard"}, "which": {"selected"}, "back": {"/console/dead?route=invoices"}})
	require.Equal(t, "/console/dead?route=invoices", got.Header.Get("Location"))
	require.Contains(t, b.get("/console/dead").body, "Nothing was selected")
	require.Equal(t, http.StatusBadRequest, b.post("/console/dead", url.Values{"act": {"explode"}, "which": {"all"}}).StatusCode)
	require.Empty(t, b.operations.asked)
}

func TestPausingADestinationIsSaidOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	got := b.post("/console/destinations/billing/pause", url.Values{"back": {"/console/destinations"}})
	require.Equal(t, "/console/destinations", got.Header.Get("Location"))
	require.True(t, b.operations.paused["billing"])
	require.NotContains(t, b.look("/console/destinations").body, "The destination is paused.", "a script takes the notice away")
	page := b.get("/console/destinations").body
	require.Contains(t, page, "The destination is paused.")
	require.Contains(t, page, "/console/destinations/billing/resume")
	require.NotContains(t, b.get("/console/destinations").body, "The destination is paused.")
	b.post("/console/destinations/billing/resume", nil)
	require.False(t, b.operations.paused["billing"])
}

func TestOnlyWhatIsPausedIsShownAsPaused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	pages := []string{"/", "/routes", "/routes/invoices"}
	for _, path := range pages {
		require.NotContains(t, b.get("/console"+path).body, "badge paused", path)
	}
	b.post("/console/destinations/billing/pause", nil)
	for _, path := range pages {
		require.Contains(t, b.get("/console"+path).body, "badge paused", path)
	}
	require.Contains(t, b.get("/console/routes/invoices").body, "with its destination, which <a href=\"/console/destinations\">is paused</a>")
}

func TestTheBreakerIsShownWithWhatItMeans(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for state, words := range map[api.Breaker]string{
		"": "no deliverer reports", api.Closed: `<span class="badge plain">closed</span>`, api.Open: "open: no attempts", api.HalfOpen: "half-open: probing",
	} {
		if b.operations.breaker = &state; state == "" {
			b.operations.breaker = nil
		}
		require.Contains(t, b.get("/console/routes/invoices").body, words, state)
		for _, path := range []string{"/", "/routes", "/destinations"} {
			if page := b.get("/console" + path).body; state == api.Closed { // that says little: the health says more
				require.NotContains(t, page, words, path)
			} else {
				require.Contains(t, page, words, "%s: %s", path, state)
			}
		}
	}
}

func TestTheThemeIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	require.Contains(t, b.get("/console/").body, `<html lang="en">`)
	got := b.post("/console/theme", url.Values{"theme": {"dark"}, "back": {"/console/events?state=dead"}})
	require.Equal(t, "/console/events?state=dead", got.Header.Get("Location"))
	require.Contains(t, b.get("/console/").body, `data-theme="dark"`)
	b.post("/console/theme", url.Values{"theme": {""}})
	require.Contains(t, b.get("/console/").body, `<html lang="en">`)
}

func TestAnIncidentsButtonsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	page := b.get("/console/incidents/incident-1").body
	require.Contains(t, page, "order &lt;b&gt;4711&lt;/b&gt;")
	require.NotContains(t, page, "Replay exactly")
	b.enter("writer")
	require.Contains(t, b.get("/console/incidents/incident-1").body, "Replay exactly these 12")
	for path, form := range map[string]url.Values{
		"acknowledge": {}, "resolve": {}, "mute": {"for": {"1h"}},
	} {
		got := b.post("/console/incidents/incident-1/"+path, form)
		require.Equal(t, http.StatusSeeOther, got.StatusCode, path)
		require.Equal(t, "/console/incidents/incident-1", got.Header.Get("Location"))
	}
	for _, act := range []string{"replay", "discard"} {
		require.Equal(t, "/console/jobs/job-1", b.post("/console/incidents/incident-1/work", url.Values{"act": {act}}).Header.Get("Location"))
	}
	require.Equal(t, http.StatusBadRequest, b.post("/console/incidents/incident-1/mute", url.Values{"for": {"ever"}}).StatusCode)
	require.ElementsMatch(t, []string{
		"writer acknowledges incident-1", "writer resolves incident-1", "writer mutes incident-1", "writer replays incident-1", "writer discards incident-1",
	}, b.operations.by)
}
