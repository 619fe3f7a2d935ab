package auth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/auth"
)

// issuer serves a key set, or a failure, and can be told the time.
type issuer struct {
	*httptest.Server
	chain   *auth.Chain
	sets    *auth.KeySets
	method  auth.Method
	logs    *observer.ObservedLogs
	fetches atomic.Int32
	ahead   atomic.Int64 // nanoseconds that the clock was advanced

	mu     sync.Mutex
	answer http.HandlerFunc
}

func (i *issuer) now() time.Time { return time.Now().Add(time.Duration(i.ahead.Load())) }

func (i *issuer) serve(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = h
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	answer := i.answer
	i.mu.Unlock()
	i.fetches.Add(1)
	answer(w, r)
}

// check authenticates with a token of the signer that fits the issuer's clock.
func (i *issuer) check(t *testing.T, s signer) auth.Reason {
	t.Helper()
	exp := i.now().Add(time.Minute).Unix()
	_, err := i.chain.Authenticate(t.Context(), request("/", "Authorization", "Bearer "+s.token(t, map[string]any{"exp": exp}, nil)))
	return auth.ReasonOf(err)
}

func setup(t *testing.T, answer http.HandlerFunc) *issuer {
	t.Helper()
	i := &issuer{answer: answer}
	i.Server = httptest.NewServer(i)
	transport := &http.Transport{DisableKeepAlives: true}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); i.Close() })
	core, logs := observer.New(zap.DebugLevel)
	i.logs = logs
	i.sets = auth.NewKeySets(ctx, auth.KeySetOptions{Transport: transport, Log: zap.New(core), Now: i.now})
	i.method = tokenMethod(func(m *auth.BearerJWT) { m.JWKSURL = i.URL + "/jwks?secret=1" })
	var err error
	i.chain, err = auth.New(ctx, []auth.Method{i.method}, auth.Options{KeySets: i.sets, Now: i.now})
	require.NoError(t, err)
	return i
}

// keySet answers with the public keys of signers, and junk between them.
func keySet(t *testing.T, signers ...signer) http.HandlerFunc {
	t.Helper()
	keys := []any{map[string]string{"kty": "XX", "kid": "junk"}, map[string]string{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}}
	for _, s := range signers {
		jwk, err := jwkset.NewJWKFromKey(s.key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: s.id, ALG: "ES256"}})
		require.NoError(t, err)
		keys = append(keys, jwk.Marshal())
	}
	raw, err := json.Marshal(map[string]any{"keys": keys})
	require.NoError(t, err)
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(raw) }
}

func named(t *testing.T, id string) signer {
	t.Helper()
	s := newSigner(t)
	s.id = id
	return s
}

func TestKeysAreFetchedOnceAndKept(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	i := setup(t, keySet(t, s))
	for range 5 {
		require.Equal(t, auth.ReasonNone, i.check(t, s))
	}
	require.EqualValues(t, 1, i.fetches.Load())
	i.serve(http.NotFound)
	chain, err := auth.New(t.Context(), []auth.Method{i.method}, auth.Options{KeySets: i.sets})
	require.NoError(t, err)
	i.chain = chain
	require.Equal(t, auth.ReasonNone, i.check(t, s), "a chain made after a reload uses the keys that are there")
	require.EqualValues(t, 1, i.fetches.Load())
}

func TestANewKeyIsFoundAndUnknownOnesDoNotFloodTheIssuer(t *testing.T) {
	t.Parallel()
	old, fresh := named(t, "old"), named(t, "fresh")
	i := setup(t, keySet(t, old))
	require.Equal(t, auth.ReasonNone, i.check(t, old))
	require.Equal(t, auth.ReasonUnknownKey, i.check(t, fresh))
	require.EqualValues(t, 1, i.fetches.Load(), "the set is too young to ask again")

	i.serve(keySet(t, old, fresh))
	i.ahead.Add(int64(2 * time.Minute))
	require.Equal(t, auth.ReasonNone, i.check(t, fresh))
	for n := range 10 {
		require.Equal(t, auth.ReasonUnknownKey, i.check(t, named(t, string(rune('a'+n)))))
	}
	require.EqualValues(t, 2, i.fetches.Load())
}

func TestAnOutageAtTheStartDeniesAndHeals(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	i := setup(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	require.Equal(t, auth.ReasonKeysUnavailable, i.check(t, s))
	require.Equal(t, auth.ReasonKeysUnavailable, i.check(t, s))
	require.EqualValues(t, 1, i.fetches.Load(), "failures are not repeated at once")
	entry := i.logs.All()[0]
	require.Equal(t, "cannot fetch a key set", entry.Message)
	require.Equal(t, i.URL+"/jwks", entry.ContextMap()["url"], "a query is not logged")

	i.serve(keySet(t, s))
	i.ahead.Add(int64(11 * time.Second))
	require.Equal(t, auth.ReasonNone, i.check(t, s))
}

func TestOldKeysAreRefreshedUsedForADayAndThenNoMore(t *testing.T) {
	t.Parallel()
	s, next := named(t, "k1"), named(t, "k1")
	i := setup(t, keySet(t, s))
	require.Equal(t, auth.ReasonNone, i.check(t, s))

	i.serve(http.NotFound)
	i.ahead.Add(int64(2 * time.Hour))
	require.Equal(t, auth.ReasonNone, i.check(t, s), "an issuer's outage is not felt")
	i.ahead.Add(int64(23 * time.Hour))
	require.Equal(t, auth.ReasonKeysUnavailable, i.check(t, s), "but for a day only")

	i.serve(keySet(t, next))
	i.ahead.Add(int64(time.Minute))
	require.Equal(t, auth.ReasonNone, i.check(t, next))
	require.Equal(t, auth.ReasonBadSignature, i.check(t, s), "a withdrawn key is forgotten")
}

func TestKeysOfARunningRefreshAreSwappedInTheBackground(t *testing.T) {
	t.Parallel()
	s, next := named(t, "k1"), named(t, "k1")
	i := setup(t, keySet(t, s))
	require.Equal(t, auth.ReasonNone, i.check(t, s))
	i.serve(keySet(t, next))
	i.ahead.Add(int64(2 * time.Hour))
	require.Eventually(t, func() bool { return i.check(t, next) == auth.ReasonNone }, 5*time.Second, 5*time.Millisecond)
}

func TestAnIssuerThatHangsHoldsNoRequest(t *testing.T) {
	t.Parallel()
	i := setup(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := i.chain.Authenticate(ctx, request("/", "Authorization", "Bearer "+newSigner(t).token(t, nil, nil)))
	require.Equal(t, auth.ReasonKeysUnavailable, auth.ReasonOf(err))
}

func TestAnswersThatAreNoKeySetAreRefused(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	for name, answer := range map[string]http.HandlerFunc{
		"not JSON":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no keys":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) },
		"only junk":  keySet(t),
		"too long":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) },
		"no body":    func(http.ResponseWriter, *http.Request) {},
		"a key that is too large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[{"kty":"RSA","kid":"k1","e":"AQAB","n":"` + strings.Repeat("_", 1400) + `"}]}`))
		},
		"a closed one": func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = c.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := setup(t, answer)
			require.Equal(t, auth.ReasonKeysUnavailable, i.check(t, s))
			require.Equal(t, 1, i.logs.Len())
			require.NotContains(t, i.logs.All()[0].ContextMap()["error"], "secret")
		})
	}
}
