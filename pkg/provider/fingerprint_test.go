package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// fingerprint identifies a request with that body and header as the gateway does.
func fingerprint(s *provider.Source, body string, header ...string) (string, bool) {
	r := &signature.Request{Method: http.MethodPost, Header: http.Header{}, Body: []byte(body)}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	id, _ := s.Identify(r)
	return s.Fingerprint(r, id)
}

func fingerprinted(t testing.TB, id string) *provider.Source {
	t.Helper()
	preset, known := provider.Lookup(id)
	require.True(t, known)
	s, err := provider.New(preset, provider.Options{Secrets: []string{"whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}})
	require.NoError(t, err)
	return s
}

func TestASignedIDAloneTellsEventsApart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ first, again, other []string }{
		"stripe":            {[]string{`{"id":"a","pending_webhooks":1}`}, []string{`{"id":"a","pending_webhooks":0}`}, []string{`{"id":"b","pending_webhooks":1}`}},
		"standard-webhooks": {[]string{"{}", "Webhook-Id", "a"}, []string{"{ }", "Webhook-Id", "a"}, []string{"{}", "Webhook-Id", "b"}},
	} {
		s := fingerprinted(t, name)
		of := func(request []string) string {
			text, ok := fingerprint(s, request[0], request[1:]...)
			require.True(t, ok)
			return text
		}
		require.Equal(t, of(tc.first), of(tc.again), name)
		require.NotEqual(t, of(tc.first), of(tc.other), name)
	}
}

func TestAnUnsignedIDCountsTogetherWithTheSignedBody(t *testing.T) {
	t.Parallel()
	s := fingerprinted(t, "github")
	first, ok := fingerprint(s, "{}", "X-GitHub-Delivery", "a")
	require.True(t, ok)
	again, _ := fingerprint(s, "{}", "X-GitHub-Delivery", "a")
	require.Equal(t, first, again)
	stolen, _ := fingerprint(s, "{ }", "X-GitHub-Delivery", "a")
	require.NotEqual(t, first, stolen, "an old body with the id of another event must not stand for it")
}

func TestEventsThatLookAlikeHaveNoFingerprint(t *testing.T) {
	t.Parallel()
	_, ok := fingerprint(fingerprinted(t, "dropbox"), "{}")
	require.False(t, ok)
	_, ok = fingerprint(fingerprinted(t, "github"), "")
	require.False(t, ok)
}

func TestTheWindowIsAsLongAsTheProviderTries(t *testing.T) {
	t.Parallel()
	require.Equal(t, 72*time.Hour, fingerprinted(t, "stripe").Window())
	require.Equal(t, 384*time.Hour, fingerprinted(t, "docusign").Window())
	for id, want := range map[string]time.Duration{"": 0, "json:id": 72 * time.Hour} {
		scheme := signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-sig"}}
		if id != "" {
			scheme.ID = signature.Strings{id}
		}
		s, err := provider.Custom(scheme, provider.Options{Secrets: []string{"secret"}})
		require.NoError(t, err)
		require.Equal(t, want, s.Window(), "a custom scheme with the id %q", id)
	}
}

func TestWhatAPersonSendsAgainIsADuplicateOnlyWhileCopiesRace(t *testing.T) {
	t.Parallel()
	github := fingerprinted(t, "github")
	require.Equal(t, 30*time.Second, github.Window())
	require.Equal(t, 72*time.Hour, github.Memory(), "the event keeps its id")
	for _, p := range provider.All() {
		s, err := provider.New(p, provider.Options{Secrets: []string{"secret"}, Pending: p.Captures()})
		if err != nil {
			continue // it needs settings of its own
		}
		require.Equal(t, p.NoRetry, s.Window() == provider.RaceWindow, p.ID)
		require.GreaterOrEqual(t, s.Memory(), s.Window(), p.ID)
	}
}
