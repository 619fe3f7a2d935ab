package keys_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
)

// jwk is a public key as providers publish it; each id has one of its own.
func jwk(kid string) (string, ed25519.PublicKey) {
	public := ed25519.PublicKey(fmt.Appendf(nil, "%-32s", kid))
	return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}`, kid, base64.RawURLEncoding.EncodeToString(public)), public
}

func set(kids ...string) string {
	texts := make([]string, 0, len(kids))
	for _, kid := range kids {
		text, _ := jwk(kid)
		texts = append(texts, text)
	}
	return `{"keys":[` + strings.Join(texts, ",") + `]}`
}

func TestAFixedSetHasItsKeys(t *testing.T) {
	t.Parallel()
	fixed, err := keys.ParseSet(set("a", "b"), set("c"))
	require.NoError(t, err)
	_, want := jwk("c")
	got, err := fixed.Key(t.Context(), "c")
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = fixed.Key(t.Context(), "d")
	require.ErrorIs(t, err, keys.ErrUnknown)
	all, err := fixed.All(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func TestOnlyPublicKeysAreTaken(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"no JSON": `x`, "no keys": `{}`, "empty": `{"keys":[]}`, "an unknown kind": `{"keys":[{"kty":"XYZ"}]}`,
		"a symmetric key": `{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"s"}]}`,
	} {
		_, err := keys.ParseSet(document)
		require.Error(t, err, name)
	}
	public, _ := jwk("a")
	mixed, err := keys.ParseSet(`{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"s"},` + public + `]}`)
	require.NoError(t, err)
	_, err = mixed.Key(t.Context(), "s")
	require.ErrorIs(t, err, keys.ErrUnknown)
}

func TestAnUnknownKeyMakesItLookAgainButNotAlways(t *testing.T) {
	t.Parallel()
	var document atomic.Pointer[string]
	var asked atomic.Int64
	publish := func(text string) { document.Store(&text) }
	publish(set("old"))
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(*document.Load()))
	}))
	t.Cleanup(server.Close)
	now := newClock()
	fetcher := keys.NewFetcher(server.Client(), strings.TrimPrefix(server.URL, "https://"))
	published := keys.NewSet(fetcher, server.URL+"/jwks", now.Now)

	_, err := published.Key(t.Context(), "old")
	require.NoError(t, err)
	publish(set("old", "new"))
	for range 5 {
		_, err = published.Key(t.Context(), "new")
		require.ErrorIs(t, err, keys.ErrUnknown)
	}
	require.EqualValues(t, 1, asked.Load(), "each unknown key is a fetch")
	now.advance(keys.Grudge)
	_, err = published.Key(t.Context(), "new")
	require.NoError(t, err)
	require.EqualValues(t, 2, asked.Load())
}

func FuzzParseSet(f *testing.F) {
	f.Add(set("a"))
	f.Add(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"","y":""}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		parsed, err := keys.ParseSet(document)
		if (parsed == nil) == (err == nil) {
			t.Fatal("neither a set nor an error")
		}
	})
}
