package provider_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

const now = 1_700_000_000

// presets parses the presets once for all tests. They must not change them.
var presets = sync.OnceValue(provider.All) //nolint:gochecknoglobals // shared by the tests

// setup compiles a preset for a source.
func setup(t testing.TB, id string, o provider.Options) *provider.Source {
	t.Helper()
	preset, ok := provider.Lookup(id)
	require.True(t, ok, "preset %s", id)
	source, err := provider.New(preset, o)
	require.NoError(t, err)
	return source
}

// signed returns a POST of the body as the preset's provider would sign it.
func signed(t testing.TB, id, secret, body string, header ...string) *signature.Request {
	t.Helper()
	preset, _ := provider.Lookup(id)
	verifier, err := signature.Compile(preset.Scheme)
	require.NoError(t, err)
	keys, err := verifier.Keys(secret)
	require.NoError(t, err)
	r := post(body, header...)
	require.NoError(t, verifier.Sign(r, keys, time.Unix(now, 0)))
	return r
}

func post(body string, header ...string) *signature.Request {
	r := &signature.Request{Method: http.MethodPost, Path: "/in/source", Header: http.Header{}, Body: []byte(body)}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestAnAuthenticRequestIsAcceptedAndIdentified(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		preset  string
		body    string
		header  []string
		id, typ string
	}{
		"GitHub with an action":    {"github", `{"action":"opened"}`, []string{"X-GitHub-Event", "issues", "X-GitHub-Delivery", "d1"}, "d1", "issues.opened"},
		"GitHub without an action": {"github", `{}`, []string{"X-GitHub-Event", "push", "X-GitHub-Delivery", "d2"}, "d2", "push"},
		"Stripe":                   {"stripe", `{"id":"evt_1","type":"charge.succeeded"}`, nil, "evt_1", "charge.succeeded"},
		"Slack events":             {"slack", `{"event_id":"Ev1","event":{"type":"message"}}`, nil, "Ev1", "message"},
		"no id at all":             {"storyblok", `{}`, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := setup(t, tc.preset, provider.Options{Secrets: []string{textSecret}})
			r := signed(t, tc.preset, textSecret, tc.body, tc.header...)
			require.Equal(t, signature.Result{OK: true, Key: 0}, source.Verify(t.Context(), r, time.Unix(now, 0)))
			id, typ := source.Identify(r)
			require.Equal(t, tc.id, id)
			require.Equal(t, tc.typ, typ)
		})
	}
}

func TestEventsThatLookAlikeGetAnIDEach(t *testing.T) {
	t.Parallel()
	source := setup(t, "dropbox", provider.Options{Secrets: []string{textSecret}})
	first, _ := source.Identify(post(`{"delta":{"users":[1]}}`))
	second, _ := source.Identify(post(`{"delta":{"users":[1]}}`))
	require.NotEmpty(t, first)
	require.NotEqual(t, first, second)
}

func TestARequestWithoutABodyIsToldByItsQuery(t *testing.T) {
	t.Parallel()
	source := setup(t, "plivo", provider.Options{Secrets: []string{textSecret}, PublicURL: "https://hooks.example.com/in/source"})
	first, _ := source.Identify(get("CallUUID=1"))
	again, _ := source.Identify(get("CallUUID=1"))
	other, _ := source.Identify(get("CallUUID=2"))
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)

	nothing, _ := source.Identify(post(""))
	more, _ := source.Identify(post(""))
	require.NotEqual(t, nothing, more)
}

func TestAForgedRequestIsRefused(t *testing.T) {
	t.Parallel()
	source := setup(t, "stripe", provider.Options{Secrets: []string{textSecret}})
	r := signed(t, "stripe", "another secret", `{}`)
	require.Equal(t, signature.Mismatch, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
}

func TestAnyOfTheSecretsMayMatch(t *testing.T) {
	t.Parallel()
	source := setup(t, "stripe", provider.Options{Secrets: []string{"new", "old"}})
	result := source.Verify(t.Context(), signed(t, "stripe", "old", `{}`), time.Unix(now, 0))
	require.True(t, result.OK)
	require.Equal(t, 1, result.Key)
}

func TestACustomSchemeVerifiesAndHasNoReply(t *testing.T) {
	t.Parallel()
	source, err := provider.Custom(signature.Scheme{
		Alg: "token", Sig: signature.Strings{"header:x-token"},
		ID: signature.Strings{"json:n"}, Type: signature.Strings{"json:kind"},
	}, provider.Options{Secrets: []string{textSecret}})
	require.NoError(t, err)
	r := post(`{"n":7,"kind":"made"}`, "X-Token", textSecret)
	require.True(t, source.Verify(t.Context(), r, time.Unix(now, 0)).OK)
	id, typ := source.Identify(r)
	require.Equal(t, "7", id)
	require.Equal(t, "made", typ)
	_, replies := source.Reply(r)
	require.False(t, replies)
	require.Zero(t, source.Deadline())
	require.Equal(t, []string{http.MethodPost}, source.Methods())
}

func TestOptionsThatDoNotFitAreAllNamed(t *testing.T) {
	t.Parallel()
	preset, _ := provider.Lookup("tiktok-shop")
	_, err := provider.New(preset, provider.Options{Secrets: []string{""}, Config: map[string]string{"app-key": "x"}})
	require.ErrorContains(t, err, "secrets: a secret is empty")
	require.ErrorContains(t, err, "config.app_key: is needed")
	require.ErrorContains(t, err, "config.app-key: TikTok Shop has no such setting; it has app_key")
}

func TestASourceWithoutASecretIsRefused(t *testing.T) {
	t.Parallel()
	preset, _ := provider.Lookup("github")
	_, err := provider.New(preset, provider.Options{})
	require.ErrorContains(t, err, "secrets: at least one is needed")
}

func TestASchemeThatSignsTheURLNeedsIt(t *testing.T) {
	t.Parallel()
	preset, _ := provider.Lookup("square")
	_, err := provider.New(preset, provider.Options{Secrets: []string{textSecret}})
	require.ErrorContains(t, err, "publicURL: is part of what is signed")
}

func TestTheReplyIsTheProvidersOwn(t *testing.T) {
	t.Parallel()
	adyen := setup(t, "adyen", provider.Options{Secrets: []string{hexKey}})
	answer, ok := adyen.Reply(post(`{}`))
	require.True(t, ok)
	require.Equal(t, "[accepted]", string(answer.Body))
	require.Equal(t, "text/plain", answer.ContentType)

	stripe := setup(t, "stripe", provider.Options{Secrets: []string{textSecret}})
	answer, ok = stripe.Reply(post(`{}`))
	require.True(t, ok)
	require.Equal(t, http.StatusOK, answer.Status)
	require.Empty(t, answer.Body)
}
