package accesstoken_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/accesstoken"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func secret(context.Context) (string, error) { return "s3cret", nil }

func endpoint(t *testing.T, serve http.HandlerFunc) *accesstoken.Client {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return &accesstoken.Client{URL: server.URL + "/token", ID: "penstock", Secret: secret, Scope: "rabbitmq.read:*/* rabbitmq.write:*/*"}
}

func TestATokenIsAskedForAndKeptUntilItIsTimeForTheNext(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		if id != "penstock" || password != "s3cret" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "rabbitmq.read:*/* rabbitmq.write:*/*" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, asked.Add(1))
	})
	tokens := accesstoken.NewCache(client)
	for range 3 {
		token, err := tokens.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "token-1", token.Text)
		require.WithinDuration(t, token.Obtained.Add(40*time.Minute), token.Renew(), time.Minute)
	}
	require.EqualValues(t, 1, asked.Load())
	tokens.Drop("token-1")
	tokens.Drop("token-1")
	token, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token-2", token.Text, "the broker refused the first")
}

func TestAnAudienceIsAskedForWhereOneIsSet(t *testing.T) {
	t.Parallel()
	for _, audience := range []string{"", "rabbitmq", "https://broker.example/?a=b&c"} {
		var asked []string
		client := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
			if r.ParseForm() == nil {
				asked = r.PostForm["audience"]
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"access_token":"token","token_type":"bearer","expires_in":3600}`)
		})
		if audience != "" {
			client.Params = url.Values{"audience": {audience}}
		}
		_, err := client.Token(t.Context())
		require.NoError(t, err)
		if audience == "" {
			require.Empty(t, asked)
		} else {
			require.Equal(t, []string{audience}, asked)
		}
	}
}

func TestAnErrorSaysWhatToDoAndQuotesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":"invalid_client","error_description":"s3cret is wrong"}`)
		}, "401 Unauthorized, invalid_client; look at the client's id, secret, scope and audience"},
		"another audience": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `{"error":"access_denied","error_description":"s3cret"}`)
		}, "403 Forbidden, access_denied; look at the client's id, secret, scope and audience"},
		"own words": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `s3cret`)
		}, "400 Bad Request; look at"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.invalid/?s3cret", http.StatusFound)
		}, "302 Found"},
		"no token": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"hint":"s3cret"}`)
		}, "its answer is no token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := endpoint(t, row.serve).Token(t.Context())
			require.ErrorContains(t, err, row.want)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func TestATokenInAFileSaysWhenItEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	write := func(issued, expires time.Time) string {
		claims := fmt.Sprintf(`{"iat":%d,"exp":%d}`, issued.Unix(), expires.Unix())
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
		require.NoError(t, os.WriteFile(path, []byte(token+"\n"), 0o600))
		return token
	}
	tokens := accesstoken.File{Path: path}
	now := time.Now().Truncate(time.Second)
	old := write(now.Add(-50*time.Minute), now.Add(10*time.Minute))
	token, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, old, token.Text)
	require.Equal(t, now.Add(-10*time.Minute), token.Renew(), "it is time already")

	next := write(now, now.Add(time.Hour))
	token, err = tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, next, token.Text)

	require.NoError(t, os.WriteFile(path, []byte(" \n"), 0o600))
	_, err = accesstoken.File{Path: path}.Token(t.Context())
	require.ErrorContains(t, err, "is empty")
}
