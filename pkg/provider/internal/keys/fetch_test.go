package keys_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
)

// publishing is a server that answers every address with the same thing, and a
// fetcher that may ask it.
func publishing(t *testing.T, status int, body string, header ...string) (*keys.Fetcher, string) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return keys.NewFetcher(server.Client(), strings.TrimPrefix(server.URL, "https://")), server.URL
}

func TestADocumentIsFetched(t *testing.T) {
	t.Parallel()
	fetcher, address := publishing(t, http.StatusOK, "document")
	document, err := fetcher.Get(t.Context(), address+"/keys", nil)
	require.NoError(t, err)
	require.Equal(t, "document", string(document))
}

func TestWhatIsNoDocumentIsAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"not found":    {http.StatusNotFound, "", keys.ErrUnknown},
		"gone":         {http.StatusGone, "", keys.ErrUnknown},
		"an error":     {http.StatusInternalServerError, "document", keys.ErrUnavailable},
		"not allowed":  {http.StatusForbidden, "document", keys.ErrUnavailable},
		"too large":    {http.StatusOK, strings.Repeat("a", keys.MaxDocument+1), keys.ErrUnavailable},
		"a redirect":   {http.StatusFound, "document", keys.ErrUnavailable},
		"empty answer": {http.StatusNoContent, "", keys.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fetcher, address := publishing(t, tc.status, tc.body, "Location", "https://127.0.0.1:1/elsewhere")
			_, err := fetcher.Get(t.Context(), address, nil)
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestOnlyAllowedAddressesAreAsked(t *testing.T) {
	t.Parallel()
	fetcher := keys.NewFetcher(nil, "api.example.com")
	require.NoError(t, fetcher.Check("https://api.example.com/jwks?a=b"))
	for _, address := range []string{
		"http://api.example.com/", "https://api.example.com:8443/", "https://user@api.example.com/", "https://api.example.com/#a",
		"https://api.example.com.evil.example/", "https://evil.example/api.example.com", "ftp://api.example.com/", "//api.example.com/", "", "::",
	} {
		_, err := fetcher.Get(t.Context(), address, nil)
		require.ErrorIs(t, err, keys.ErrForbidden, address)
	}
}

func TestAnErrorDoesNotRepeatTheAddress(t *testing.T) {
	t.Parallel()
	fetcher := keys.NewFetcher(nil, "127.0.0.1:1")
	_, err := fetcher.Get(t.Context(), "https://127.0.0.1:1/?token=secret", nil)
	require.ErrorIs(t, err, keys.ErrUnavailable)
	require.NotContains(t, err.Error(), "secret")
}
