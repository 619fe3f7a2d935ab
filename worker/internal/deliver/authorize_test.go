package deliver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// tokenServer gives tokens token-1, token-2 and so on, to a client that it knows.
type tokenServer struct {
	*httptest.Server

	issued atomic.Int64
	audience,
	scope atomic.Value
}

func newTokenServer(t *testing.T) *tokenServer {
	t.Helper()
	s := new(tokenServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "penstock" || secret != "s3cret" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":"invalid_client","error_description":"s3cret"}`)
			return
		}
		s.audience.Store(r.FormValue("audience"))
		s.scope.Store(r.FormValue("scope"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, s.issued.Add(1))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) client(secret string) *config.OAuth2 {
	return &config.OAuth2{
		TokenURL: s.URL + "/token", ClientID: config.NewSecret("penstock"), ClientSecret: config.NewSecret(secret),
		Scopes: []string{"hooks.write", "hooks.read"}, EndpointParams: map[string]config.Secret{"audience": config.NewSecret("billing")},
	}
}

// protected is a destination that accepts some tokens, with what it saw of each request.
func protected(t *testing.T, o *config.OAuth2, accepts func(token string) bool) (d *deliver.Destination, seen func() []string) {
	t.Helper()
	var mu sync.Mutex
	var tokens []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		token := r.Header.Get("Authorization")
		tokens = append(tokens, token)
		if !accepts(token) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	c := settings(server.URL)
	c.OAuth2 = o
	return destination(t, c), func() []string { mu.Lock(); defer mu.Unlock(); return tokens }
}

func TestAnAccessTokenIsFetchedOnceAndSentWithEachRequest(t *testing.T) {
	t.Parallel()
	tokens := newTokenServer(t)
	d, seen := protected(t, tokens.client("s3cret"), func(string) bool { return true })
	for range 3 {
		require.NoError(t, handle(t, d, sample()))
	}
	require.Equal(t, []string{"Bearer token-1", "Bearer token-1", "Bearer token-1"}, seen())
	require.EqualValues(t, 1, tokens.issued.Load())
	require.Equal(t, "billing", tokens.audience.Load())
	require.Equal(t, "hooks.write hooks.read", tokens.scope.Load())
}

func TestARefusedTokenIsRenewedOnceWithinTheAttempt(t *testing.T) {
	t.Parallel()
	tokens := newTokenServer(t)
	d, seen := protected(t, tokens.client("s3cret"), func(token string) bool { return token == "Bearer token-2" })
	require.NoError(t, handle(t, d, sample()))
	require.Equal(t, []string{"Bearer token-1", "Bearer token-2"}, seen())
}

func TestRequestsSideBySideShareOneRenewal(t *testing.T) {
	t.Parallel()
	tokens := newTokenServer(t)
	all := make(chan struct{})
	var refused atomic.Int64
	d, _ := protected(t, tokens.client("s3cret"), func(token string) bool { return token == "Bearer token-2" })
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			<-all
			if handle(t, d, sample()) != nil {
				refused.Add(1)
			}
		})
	}
	close(all)
	running.Wait()
	require.Zero(t, refused.Load())
	require.EqualValues(t, 2, tokens.issued.Load())
}

func TestADestinationThatRefusesEveryTokenRefusesTheEvent(t *testing.T) {
	t.Parallel()
	tokens := newTokenServer(t)
	d, seen := protected(t, tokens.client("s3cret"), func(string) bool { return false })
	for range 3 {
		err := handle(t, d, sample())
		require.True(t, fault.IsPermanent(err))
		require.Equal(t, fault.ReasonRejected, fault.ReasonOf(err))
	}
	require.Len(t, seen(), 4)
	require.EqualValues(t, 2, tokens.issued.Load(), "the token endpoint is not asked for each event")
}

func TestWithoutATokenNothingIsSentAndTheAttemptIsMadeAgain(t *testing.T) {
	t.Parallel()
	d, seen := protected(t, newTokenServer(t).client("wrong"), func(string) bool { return true })
	err := handle(t, d, sample())
	require.False(t, fault.IsPermanent(err))
	require.Equal(t, fault.ReasonToken, fault.ReasonOf(err))
	require.ErrorContains(t, err, "401 Unauthorized, invalid_client; look at the client's id, secret, scope and audience")
	require.NotContains(t, err.Error(), "s3cret")
	require.Empty(t, seen())
}

func TestTheGuardLooksAtTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://169.254.169.254/token", "http://[::ffff:169.254.169.254]/token", "http://0.0.0.0/token"} {
		o := newTokenServer(t).client("s3cret")
		o.TokenURL = url
		d, seen := protected(t, o, func(string) bool { return true })
		require.Equal(t, fault.ReasonForbidden, fault.ReasonOf(handle(t, d, sample())), url)
		require.Empty(t, seen())
	}
}

func TestUserNameAndPasswordAreSent(t *testing.T) {
	t.Parallel()
	r := deliverOne(t, sample(), func(d *config.Destination) {
		d.Basic = &config.BasicAuth{Username: config.NewSecret("penstock"), Password: config.NewSecret("s3:crét")}
	})
	name, password, ok := r.BasicAuth()
	require.True(t, ok)
	require.Equal(t, "penstock", name)
	require.Equal(t, "s3:crét", password)
}
