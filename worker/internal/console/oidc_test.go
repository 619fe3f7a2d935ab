package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/console"
)

// federated is a console that trusts an identity provider.
func federated(t *testing.T) (*bench, *idp) {
	t.Helper()
	p := newIDP(t)
	b := setup(t, func(o *console.Options) {
		o.URL = &url.URL{Scheme: "http", Host: "penstock.example"}
		o.OIDC = &console.OIDC{
			Name: "Example", Issuer: p.url, ClientID: "console", ClientSecret: "hush",
			Readers: []string{"@example.com", "group:support"}, Writers: []string{"Anna@Example.com", "group:operations"},
		}
	})
	return b, p
}

// leave goes to the provider, and returns the state to come back with.
func (b *bench) leave(p *idp) string {
	b.t.Helper()
	got := b.get("/console/oidc?next=" + url.QueryEscape("/console/events?state=dead"))
	require.Equal(b.t, http.StatusSeeOther, got.StatusCode)
	to, err := url.Parse(got.Header.Get("Location"))
	require.NoError(b.t, err)
	require.True(b.t, strings.HasPrefix(to.String(), p.url+"/authorize?"))
	p.question = to.Query()
	require.Equal(b.t, "http://penstock.example/console/oidc/callback", p.question.Get("redirect_uri"))
	require.Equal(b.t, "S256", p.question.Get("code_challenge_method"))
	require.Equal(b.t, http.SameSiteLaxMode, got.Cookies()[0].SameSite)
	require.True(b.t, got.Cookies()[0].HttpOnly)
	return p.question.Get("state")
}

// comeBack returns from the provider.
func (b *bench) comeBack(state, code string) answer {
	b.t.Helper()
	return b.get("/console/oidc/callback?" + url.Values{"state": {state}, "code": {code}}.Encode())
}

func TestSomebodySignsInAtTheIdentityProvider(t *testing.T) {
	t.Parallel()
	b, p := federated(t)
	require.Contains(t, b.get("/console/sign-in").body, "Sign in with Example")
	got := b.comeBack(b.leave(p), "the-code")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Contains(t, got.body, `url=/console/events?state=dead`, "a page of ours leads on, so that the strict cookie goes along")
	page := b.get("/console/destinations").body
	require.Contains(t, page, "<strong>anna@example.com</strong>")
	b.post("/console/destinations/billing/pause", nil)
	require.Equal(t, []string{"anna@example.com"}, b.operations.by)
}

func TestTheListsDecideWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		claims map[string]any
		reads  bool
		writes bool
	}{
		"a writer by address":           {map[string]any{}, true, true},
		"a reader by domain":            {map[string]any{"email": "ben@example.com"}, true, false},
		"a writer by group":             {map[string]any{"email": "x@other.example", "groups": []string{"operations"}}, true, true},
		"a reader by group":             {map[string]any{"email": "", "groups": []string{"support"}}, true, false},
		"a stranger":                    {map[string]any{"email": "x@other.example"}, false, false},
		"a domain that only ends alike": {map[string]any{"email": "x@evil-example.com"}, false, false},
		"an address nobody verified":    {map[string]any{"email_verified": false}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, p := federated(t)
			state := b.leave(p)
			p.claims = tc.claims
			b.comeBack(state, "the-code")
			require.Equal(t, tc.reads, b.get("/console/").StatusCode == http.StatusOK)
			b.post("/console/destinations/billing/pause", nil)
			require.Equal(t, tc.writes, b.operations.paused["billing"])
		})
	}
}

func TestASignInThatIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(b *bench, p *idp) answer{
		"another state":       func(b *bench, p *idp) answer { b.leave(p); return b.comeBack("another", "the-code") },
		"no sign-in begun":    func(b *bench, _ *idp) answer { return b.comeBack("", "the-code") },
		"refused":             func(b *bench, p *idp) answer { return b.comeBack(b.leave(p), "") },
		"another code":        func(b *bench, p *idp) answer { return b.comeBack(b.leave(p), "stolen") },
		"the same code twice": func(b *bench, p *idp) answer { s := b.leave(p); b.comeBack("x", "y"); return b.comeBack(s, "the-code") },
		"another sign-in's token": func(b *bench, p *idp) answer {
			s := b.leave(p)
			p.claims = map[string]any{"nonce": "another"}
			return b.comeBack(s, "the-code")
		},
		"for another client": func(b *bench, p *idp) answer {
			s := b.leave(p)
			p.claims = map[string]any{"aud": "another"}
			return b.comeBack(s, "the-code")
		},
		"an expired token": func(b *bench, p *idp) answer {
			s := b.leave(p)
			p.claims = map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}
			return b.comeBack(s, "the-code")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, p := federated(t)
			got := wrong(b, p)
			require.GreaterOrEqual(t, got.StatusCode, 400)
			require.NotContains(t, got.body, "hush")
			require.Equal(t, http.StatusSeeOther, b.get("/console/").StatusCode, "nobody is signed in")
		})
	}
}

func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	b, p := federated(t)
	p.down = true
	require.Equal(t, http.StatusBadGateway, b.get("/console/oidc").StatusCode)
	p.down = false
	require.NotEmpty(t, b.leave(p))
	b.enter("reader") // a token works beside it
	require.Equal(t, http.StatusOK, b.get("/console/").StatusCode)
}

func TestSignInsDoNotQueueBehindASlowProvider(t *testing.T) {
	t.Parallel()
	b, p := federated(t)
	p.down, p.slow = true, make(chan struct{})
	const many = 5
	statuses := make(chan int, many)
	for range many {
		go func() { statuses <- b.get("/console/oidc").StatusCode }()
	}
	<-p.asked
	b.enter("reader") // and a token needs no provider
	close(p.slow)
	for range many {
		require.Equal(t, http.StatusBadGateway, <-statuses)
	}
	require.Less(t, len(p.asked), many-1, "each asked for itself, one after the other")
}

func TestOpenIDConnectNeedsTheOwnAddress(t *testing.T) {
	t.Parallel()
	_, err := console.New(console.Options{OIDC: &console.OIDC{Issuer: "https://idp.example"}})
	require.ErrorContains(t, err, "OpenID Connect needs the console's own address")
}
