package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
	"github.com/stretchr/testify/require"
)

// authorizationServer is an OAuth 2 server of its own, which knows one client.
type authorizationServer struct {
	t       *testing.T
	manager *manage.Manager
	oauth   *server.Server
	url     string
	issued  atomic.Int64
}

func newAuthorizationServer(t *testing.T, life time.Duration) *authorizationServer {
	t.Helper()
	a := &authorizationServer{t: t, manager: manage.NewDefaultManager()}
	a.manager.MustTokenStorage(store.NewMemoryTokenStore())
	clients := store.NewClientStore()
	require.NoError(t, clients.Set("penstock", &models.Client{ID: "penstock", Secret: "s3cret"}))
	a.manager.MapClientStorage(clients)
	a.manager.SetClientTokenCfg(&manage.Config{AccessTokenExp: life})
	a.oauth = server.NewDefaultServer(a.manager)
	a.oauth.SetAllowedGrantType(oauth2.ClientCredentials)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.issued.Add(1)
		_ = a.oauth.HandleTokenRequest(w, r)
	}))
	t.Cleanup(endpoint.Close)
	a.url = endpoint.URL + "/token"
	return a
}

// protect lets requests through to the receiver whose token the server knows, and counts the
// others.
func (a *authorizationServer) protect(r *receiver) (refused *atomic.Int64, last func() string) {
	var mu sync.Mutex
	var token string
	refused = new(atomic.Int64)
	r.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		info, err := a.oauth.ValidationBearerToken(req)
		if err != nil {
			refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mu.Lock()
		token = info.GetAccess()
		mu.Unlock()
		r.serve(w, req)
	})
	return refused, func() string { mu.Lock(); defer mu.Unlock(); return token }
}

// guarded is a destination with access tokens.
func (a *authorizationServer) guarded(s *stack) string {
	secret := filepath.Join(s.t.TempDir(), "secret")
	replace(s.t, secret, "s3cret\n")
	return `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s, oauth2: {tokenURL: "` + a.url + `", clientID: penstock, clientSecret: "file:` + secret + `"}}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 1, max: 1s}}
`
}

func TestADestinationGetsAccessTokensOfItsAuthorizationServer(t *testing.T) {
	t.Parallel()
	const life = 9 * time.Second
	a := newAuthorizationServer(t, life)
	s := setup(t, plain)
	refused, last := a.protect(s.receiver)
	s.configure(a.guarded(s))
	s.startGateway()
	s.startDeliverer()

	for n, began := 1, time.Now(); time.Since(began) < 3*life; n++ { // tokens end meanwhile
		s.receiver.await(s.accept(newGithubEvent(n)), 1)
	}
	require.Zero(t, refused.Load(), "a token was sent that had ended")
	issued := a.issued.Load()
	require.GreaterOrEqual(t, issued, int64(3))
	require.Less(t, issued, int64(10), "the token is not kept")

	require.NoError(t, a.manager.RemoveAccessToken(context.Background(), last()))
	tries := s.receiver.await(s.accept(newGithubEvent(0)), 1)
	require.Equal(t, "1", tries[0].header.Get("Penstock-Attempt"), "a revoked token costs no attempt")
	require.LessOrEqual(t, refused.Load(), int64(1))
}

// writeClientCertificate writes a certificate of its own signature and its key over files.
func writeClientCertificate(t *testing.T, name, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	replace(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})))
	replace(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})))
}

func TestAClientCertificateThatIsReplacedIsShownWithoutARestart(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	names := make(chan string, 100)
	endpoint := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		names <- r.Proto + " " + r.TLS.PeerCertificates[0].Subject.CommonName
		s.receiver.serve(w, r)
	}))
	endpoint.EnableHTTP2 = true
	endpoint.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	endpoint.StartTLS()
	t.Cleanup(endpoint.Close)
	folder := t.TempDir()
	authority, cert, key := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	replace(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: endpoint.Certificate().Raw})))
	writeClientCertificate(t, "first", cert, key)
	s.configure(strings.Replace(plain, `url: "RECEIVER"`, `url: "`+endpoint.URL+`", caFile: `+authority+`, tls: {certFile: `+cert+`, keyFile: `+key+`}`, 1))
	s.startGateway()
	s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(0)), 1)
	require.Equal(t, "HTTP/2.0 first", <-names)

	writeClientCertificate(t, "second", cert, key)
	for n, deadline := 1, time.Now().Add(time.Minute); ; n++ {
		s.receiver.await(s.accept(newGithubEvent(n)), 1)
		if <-names == "HTTP/2.0 second" {
			break
		}
		require.True(t, time.Now().Before(deadline), "the new certificate is not shown")
	}
}
