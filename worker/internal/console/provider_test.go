package console_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// idp is an identity provider that lets everybody in as whom the test wants.
type idp struct {
	t        *testing.T
	url      string
	key      *ecdsa.PrivateKey
	claims   map[string]any // of the next ID token, over the usual ones
	question url.Values
	down     bool
	asked    chan struct{} // gets a value for each question for the configuration
	slow     chan struct{} // until it is closed the answer takes
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &idp{t: t, key: key, asked: make(chan struct{}, 100), slow: make(chan struct{})}
	close(p.slow)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.asked <- struct{}{}
		<-p.slow
		if p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		p.write(w, map[string]any{
			"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *idp) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // values of this test, which can all be encoded
}

// token checks the code and its verifier (RFC 7636), and hands an ID token out.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	challenge := oauth2.S256ChallengeFromVerifier(r.PostFormValue("code_verifier"))
	if id, secret, _ := r.BasicAuth(); id != "console" || secret != "hush" || r.PostFormValue("code") != "the-code" || challenge != p.question.Get("code_challenge") {
		w.WriteHeader(http.StatusBadRequest)
		p.write(w, map[string]string{"error": "invalid_grant", "error_description": "hush"})
		return
	}
	claims := map[string]any{
		"iss": p.url, "aud": "console", "sub": "1234", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": p.question.Get("nonce"), "email": "anna@example.com", "email_verified": true,
	}
	maps.Copy(claims, p.claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k"}}, nil)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	p.write(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token})
}
