package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console"
)

func TestNothingIsShownToWhoHasNotSignedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"/", "/events", "/events/" + id(1), "/events/" + id(1) + "/payload", "/dead", "/jobs", "/routes", "/destinations", "/sources", "/add", "/gaps", "/ledger", "/audit", "/nonsense"} {
		got := b.get("/console" + path)
		require.Equal(t, http.StatusSeeOther, got.StatusCode, path)
		require.True(t, strings.HasPrefix(got.Header.Get("Location"), "/console/sign-in"), path)
	}
	require.Equal(t, http.StatusSeeOther, b.post("/console/destinations/billing/pause", nil).StatusCode)
	require.Empty(t, b.operations.paused)
}

func TestATokenSignsInAndLeadsToWhereOneWantedToGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get("/console/events?state=dead")
	require.Equal(t, "/console/sign-in?next=%2Fconsole%2Fevents%3Fstate%3Ddead", got.Header.Get("Location"))
	got = b.post("/console/sign-in", url.Values{"token": {"reader-secret"}, "next": {"/console/events?state=dead"}})
	require.Equal(t, http.StatusSeeOther, got.StatusCode)
	require.Equal(t, "/console/events?state=dead", got.Header.Get("Location"))
	got = b.get("/console/events?state=dead")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Contains(t, got.body, "<strong>reader</strong>")
}

func TestAWrongTokenIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for token, want := range map[string]int{"": 401, "reader": 401, "writer-secret\n": 401, "robot-secret": 403} {
		got := b.post("/console/sign-in", url.Values{"token": {token}})
		require.Equal(t, want, got.StatusCode, token)
		require.Empty(t, got.Cookies(), token)
		if token != "" {
			require.NotContains(t, got.body, token)
		}
	}
	require.Equal(t, http.StatusSeeOther, b.get("/console/").StatusCode)
}

func TestOneIsLedOnToPagesOfTheConsoleOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, next := range []string{
		"https://evil.example/", "//evil.example/", "/console/..//evil.example", `/console/\evil.example`, "/api/v1/events", "javascript:alert(1)", "/console/\r\nX: y", "",
	} {
		got := b.post("/console/sign-in", url.Values{"token": {"reader-secret"}, "next": {next}})
		require.Equal(t, "/console/", got.Header.Get("Location"), next)
	}
}

func TestTheCookieIsNotTheTokenAndKeepsToItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.post("/console/sign-in", url.Values{"token": {"writer-secret"}})
	require.Len(t, got.Cookies(), 1)
	cookie := got.Cookies()[0]
	require.Equal(t, "penstock-session", cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.False(t, cookie.Secure, "this is plain HTTP")
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, "/console", cookie.Path)
	require.Equal(t, int((12 * time.Hour).Seconds()), cookie.MaxAge)
	require.NotContains(t, cookie.Value, "writer")
	require.GreaterOrEqual(t, len(cookie.Value), 26)
	second := b.post("/console/sign-in", url.Values{"token": {"writer-secret"}}).Cookies()[0]
	require.NotEqual(t, cookie.Value, second.Value)
}

func TestUnderTLSTheCookieStaysUnderTLS(t *testing.T) {
	t.Parallel()
	behindProxy := setup(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, behindProxy.url+"/console/sign-in", strings.NewReader("token=reader-secret"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-Proto", "https")
	configured := setup(t, func(o *console.Options) { o.URL = &url.URL{Scheme: "https", Host: "penstock.example"} })
	for _, got := range []answer{behindProxy.do(r), configured.post("/console/sign-in", url.Values{"token": {"reader-secret"}})} {
		cookie := got.Cookies()[0]
		require.Equal(t, "__Secure-penstock-session", cookie.Name)
		require.True(t, cookie.Secure)
		require.True(t, cookie.HttpOnly)
		require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	}
}

func TestSigningOutEndsTheSessionForEverybodyWhoHasTheCookie(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	cookie := b.client.Jar.Cookies(b.consoleURL())[0]
	require.Equal(t, http.StatusOK, b.get("/console/").StatusCode)
	got := b.post("/console/sign-out", nil)
	require.Equal(t, "/console/sign-in", got.Header.Get("Location"))
	require.Contains(t, b.get("/console/sign-in").body, "You are signed out.")
	b.client.Jar.SetCookies(b.consoleURL(), []*http.Cookie{{Name: cookie.Name, Value: cookie.Value, Path: "/console"}})
	require.Equal(t, http.StatusSeeOther, b.get("/console/").StatusCode, "the stolen cookie is worth nothing")
}

func TestTakingATokenAwayEndsItsSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("writer")
	require.Equal(t, http.StatusOK, b.get("/console/").StatusCode)
	b.allow("reader: read")
	require.Eventually(t, func() bool { return b.get("/console/").StatusCode == http.StatusSeeOther }, 20*time.Second, 50*time.Millisecond)
}

func TestWithoutTokensThePageSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	guard, err := api.NewGuard("", false, zaptest.NewLogger(t))
	require.NoError(t, err)
	b := setup(t, func(o *console.Options) { o.Tokens = guard })
	got := b.get("/console/sign-in")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Contains(t, got.body, "PENSTOCK_API_TOKENS_FILE")
	require.NotContains(t, got.body, `name="token"`)
	require.Equal(t, http.StatusUnauthorized, b.post("/console/sign-in", url.Values{"token": {""}}).StatusCode)
	require.Equal(t, http.StatusSeeOther, b.get("/console/events").StatusCode)
}

func TestAnOpenConsoleNeedsNoSignIn(t *testing.T) {
	t.Parallel()
	guard, err := api.NewGuard("", true, zaptest.NewLogger(t))
	require.NoError(t, err)
	b := setup(t, func(o *console.Options) { o.Tokens = guard })
	got := b.get("/console/events")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Contains(t, got.body, "Open to everybody")
	require.NotContains(t, got.body, "Sign out")
}

func TestALinkFromAnotherSiteFindsTheSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+`/console/events?find="><script>`, nil)
	require.NoError(t, err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	got := b.do(r) // the browser keeps a SameSite=Strict cookie back
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Contains(t, got.body, `<meta http-equiv="refresh" content="0; url=/console/events?find=`)
	require.NotContains(t, got.body, "<script>")
}
