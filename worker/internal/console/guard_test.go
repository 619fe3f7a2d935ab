package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/console"
)

func (b *bench) consoleURL() *url.URL {
	b.t.Helper()
	u, err := url.Parse(b.url + "/console/")
	require.NoError(b.t, err)
	return u
}

// writes are all the paths that change something.
var writes = []string{
	"/console/destinations/billing/pause", "/console/destinations/billing/resume", "/console/jobs/job-1/cancel", "/console/dead",
	"/console/events/" + id(1) + "/replay", "/console/events/" + id(1) + "/discard",
}

func TestAnotherSiteCannotMakeABrowserChangeAnything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	for _, path := range append(writes, "/console/sign-in", "/console/sign-out", "/console/theme") {
		for _, site := range []string{"cross-site", "same-site", "nonsense"} {
			got := b.postFrom(site, path, url.Values{"act": {"replay"}, "which": {"all"}, "token": {"writer-secret"}, "theme": {"dark"}})
			require.Equal(t, http.StatusForbidden, got.StatusCode, "%s from %s", path, site)
			require.Contains(t, got.body, "The request came from another site")
			require.Empty(t, got.Cookies())
		}
	}
	require.Empty(t, b.operations.paused)
	require.Empty(t, b.operations.asked)
	require.Equal(t, http.StatusOK, b.get("/console/").StatusCode, "still signed in")
}

func TestAnOldBrowserIsJudgedByItsOrigin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	for origin, want := range map[string]int{"https://evil.example": http.StatusForbidden, "null": http.StatusForbidden, b.url: http.StatusSeeOther} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/console/destinations/billing/pause", nil)
		require.NoError(t, err)
		r.Header.Set("Origin", origin)
		require.Equal(t, want, b.do(r).StatusCode, origin)
	}
}

func TestBehindAProxyTheOwnAddressIsTrusted(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *console.Options) { o.URL = &url.URL{Scheme: "http", Host: "penstock.example"} })
	b.enter("writer")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/console/destinations/billing/pause", nil)
	require.NoError(t, err)
	r.Header.Set("Origin", "http://penstock.example")
	require.Equal(t, http.StatusSeeOther, b.do(r).StatusCode)
}

func TestAReaderChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happen(1, "invoice.paid", "dead", "{}")
	b.enter("reader")
	for _, path := range writes {
		got := b.post(path, url.Values{"act": {"replay"}, "which": {"all"}})
		require.Equal(t, http.StatusForbidden, got.StatusCode, path)
		require.Contains(t, got.body, "You may only look")
	}
	require.Empty(t, b.operations.paused)
	require.Empty(t, b.operations.asked)
	for _, path := range []string{"/events/" + id(1), "/dead", "/destinations", "/jobs/job-1"} {
		require.NotContains(t, b.get("/console"+path).body, "data-confirm", "%s offers what is refused", path)
	}
}

func TestNoPageChangesAnythingWhenItIsOnlyLookedAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happen(1, "invoice.paid", "dead", "{}")
	b.enter("writer")
	for _, path := range writes {
		b.get(path)
	}
	require.Empty(t, b.operations.paused)
	require.Empty(t, b.operations.asked)
}

func TestEveryAnswerKeepsTheBrowserStrict(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for _, path := range []string{"/console/", "/console/nonsense", "/console/sign-in", "/console/events/x"} {
		h := b.get(path).Header
		policy := h.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self';", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", h.Get("Cache-Control"))
		require.Equal(t, "same-origin", h.Get("Referrer-Policy"))
	}
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	got := b.post("/console/dead", url.Values{"act": {"replay"}, "id": {string(make([]byte, 2<<20))}})
	require.Equal(t, http.StatusBadRequest, got.StatusCode)
	require.Empty(t, b.operations.asked)
}
