package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// tokenLife is how long an access token lasts: it ends several times in a test.
const tokenLife = 6 * time.Second

// resourceServer is what the broker calls itself: the audience of its tokens.
const resourceServer = "rabbitmq"

// issuer is an OAuth 2 server whose tokens a broker takes as passwords.
type issuer struct {
	t      *testing.T
	key    *rsa.PrivateKey
	url    string
	issued atomic.Int64
	down   atomic.Bool
	wrong  atomic.Bool // its tokens are for another audience than the one that it is asked for
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &issuer{t: t, key: key}
	server := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(server.Close)
	i.url = server.URL + "/token"
	return i
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if i.down.Load() || id != "penstock" || secret != "s3cret" || r.FormValue("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	audience := r.FormValue("audience")
	if audience == "" { // Auth0 answers so
		w.WriteHeader(http.StatusForbidden)
		return
	}
	i.issued.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":%d}`, i.token(audience), int(tokenLife.Seconds()))
}

func (i *issuer) token(audience string) string {
	now := time.Now()
	if i.wrong.Load() {
		audience = "another"
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": []string{audience}, "sub": "penstock", "client_id": "penstock", "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
		"jti": rand.Text(), "scope": []string{"rabbitmq.configure:*/*/*", "rabbitmq.write:*/*/*", "rabbitmq.read:*/*/*"},
	})
	token.Header["kid"] = "test"
	text, err := token.SignedString(i.key)
	require.NoError(i.t, err)
	return text
}

// broker starts a broker that knows the issuer's key.
func (i *issuer) broker() *amqptest.Node {
	i.t.Helper()
	public, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	require.NoError(i.t, err)
	path := filepath.Join(i.t.TempDir(), "key.pem")
	require.NoError(i.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o600))
	i.t.Setenv("PENSTOCK_BROKER_PLUGINS", "rabbitmq_auth_backend_oauth2")
	return amqptest.Private(i.t,
		"auth_backends.1 = rabbit_auth_backend_oauth2", "auth_backends.2 = rabbit_auth_backend_internal",
		"auth_oauth2.resource_server_id = "+resourceServer, "auth_oauth2.default_key = test", "auth_oauth2.signing_keys.test = "+path)
}

// withoutUser takes user and password out of a URL.
func withoutUser(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	u.User = nil
	return u.String()
}

//nolint:paralleltest // it sets the environment of its broker
func TestAccessTokensAreRenewedOnOpenConnections(t *testing.T) {
	issuer := newIssuer(t)
	vhost := issuer.broker().Vhost(t)
	s := setupOn(t, plain, withoutUser(t, vhost.URL))
	s.env["PENSTOCK_AMQP_TOKEN_URL"], s.env["PENSTOCK_AMQP_CLIENT_ID"] = issuer.url, "penstock"
	s.env["PENSTOCK_AMQP_TOKEN_AUDIENCE"] = resourceServer
	s.env["PENSTOCK_AMQP_CLIENT_SECRET_FILE"] = filepath.Join(t.TempDir(), "secret")
	replace(t, s.env["PENSTOCK_AMQP_CLIENT_SECRET_FILE"], "s3cret\n")
	issuer.wrong.Store(true)
	gateway := s.launchGateway()
	require.Eventually(t, func() bool {
		return strings.Contains(gateway.log.String(), "the broker refuses the access token: it wants one that is valid now")
	},
		60*time.Second, 100*time.Millisecond, "it does not say why")
	issuer.wrong.Store(false)
	gateway.awaitReady()
	refused := len(gateway.log.String())
	deliverer, tracker := s.startDeliverer(), s.startTracker()

	var ids []string
	for began := time.Now(); time.Since(began) < 4*tokenLife; {
		ids = append(ids, s.acceptAtOnce(len(ids), 50)...)
	}
	s.receiver.awaitAll(ids)
	tracker.awaitClosed(len(ids))
	for _, log := range []string{gateway.log.String()[refused:], deliverer.log.String(), tracker.log.String()} {
		require.NotContains(t, log, "no connection to RabbitMQ", "a token ended before its connection had the next one")
		require.NotContains(t, log, "could not be renewed")
	}
	t.Logf("%d events over %d tokens of %v", len(ids), issuer.issued.Load(), tokenLife)
	s.outliveItsTokens(issuer, gateway, tracker, len(ids))
}

// outliveItsTokens lets the tokens end while there are no others: the broker closes the
// connections, and all goes on once there are tokens again.
func (s *stack) outliveItsTokens(i *issuer, gateway *process, tracker *tracker, before int) {
	s.t.Helper()
	i.down.Store(true)
	require.Eventually(s.t, func() bool { return s.post(newGithubEvent(before)).status == http.StatusServiceUnavailable },
		60*time.Second, 100*time.Millisecond, "it accepts without a valid token")
	require.Eventually(s.t, func() bool {
		return strings.Contains(gateway.log.String(), "401 Unauthorized; look at the client's id, secret, scope and audience")
	},
		60*time.Second, 100*time.Millisecond, "it does not say why")
	require.NotContains(s.t, gateway.log.String(), "s3cret")
	i.down.Store(false)
	require.Eventually(s.t, func() bool { return s.post(newGithubEvent(before+1)).status == http.StatusOK }, 60*time.Second, 100*time.Millisecond)
	tracker.awaitClosed(before + 1)
}

//nolint:paralleltest // it sets the environment of its broker
func TestATokenInAFileIsTheLoginAndAWrongOneIsExplained(t *testing.T) {
	issuer := newIssuer(t)
	vhost := issuer.broker().Vhost(t)
	s := setupOn(t, plain, withoutUser(t, vhost.URL))
	file := filepath.Join(t.TempDir(), "token")
	s.env["PENSTOCK_AMQP_TOKEN_FILE"] = file
	replace(t, file, newIssuer(t).token(resourceServer))
	gateway := s.launchGateway()
	require.Eventually(t, func() bool {
		return strings.Contains(gateway.log.String(), "the broker refuses the access token: it wants one that is valid now")
	},
		60*time.Second, 100*time.Millisecond, "it does not say why")

	issuer.keepRenewing(file)
	gateway.awaitReady()
	s.startDeliverer()
	for n, began := 0, time.Now(); time.Since(began) < 3*tokenLife; n++ {
		s.receiver.await(s.accept(newGithubEvent(n)), 1)
	}
}

// keepRenewing writes a new token to the file twice in its life, until the test ends.
func (i *issuer) keepRenewing(file string) {
	i.t.Helper()
	replace(i.t, file, i.token(resourceServer))
	done := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticks := time.NewTicker(tokenLife / 2)
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				replace(i.t, file, i.token(resourceServer))
			}
		}
	})
	i.t.Cleanup(func() { close(done); renewing.Wait() })
}
