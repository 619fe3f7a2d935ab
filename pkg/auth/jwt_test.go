package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/auth"
)

// signer is an issuer of tokens with one key.
type signer struct {
	id     string
	method jwt.SigningMethod
	key    crypto.Signer
}

func newSigner(t testing.TB) signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return signer{id: "k1", method: jwt.SigningMethodES256, key: k}
}

func (s signer) pem(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(s.key.Public())
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// token signs the usual claims with changes on top; a nil value removes one.
func (s signer) token(t testing.TB, claims, header map[string]any) string {
	t.Helper()
	now := time.Now()
	all := jwt.MapClaims{"iss": "https://idp.example", "aud": []string{"other", "penstock"}, "sub": "acme", "exp": now.Add(time.Minute).Unix()}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	token := jwt.NewWithClaims(s.method, all)
	if s.id != "" {
		token.Header["kid"] = s.id
	}
	maps.Copy(token.Header, header)
	text, err := token.SignedString(s.key)
	require.NoError(t, err)
	return text
}

func tokenMethod(change func(*auth.BearerJWT)) auth.Method {
	m := &auth.BearerJWT{Issuer: "https://idp.example", Audience: "penstock"}
	change(m)
	return auth.Method{BearerJWT: m}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s, stranger := newSigner(t), newSigner(t)
	unnamed := s
	unnamed.id = ""
	renamed := s
	renamed.id = "k9"
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	chain := newChain(t, tokenMethod(func(m *auth.BearerJWT) {
		m.Keys = []auth.PublicKey{{ID: "k1", PEM: s.pem(t)}}
		m.Algorithms = []string{"ES256"}
		m.Claims = map[string]string{"role": "hooks"}
	}))
	role := func(claims map[string]any) map[string]any {
		out := map[string]any{"role": "hooks"}
		maps.Copy(out, claims)
		return out
	}
	type claims = map[string]any
	for name, tc := range map[string]struct {
		token string
		want  auth.Reason
	}{
		"good":                         {s.token(t, role(nil), nil), auth.ReasonNone},
		"without a key id":             {unnamed.token(t, role(nil), nil), auth.ReasonNone},
		"a claim in a list":            {s.token(t, claims{"role": []string{"x", "hooks"}}, nil), auth.ReasonNone},
		"just expired, within leeway":  {s.token(t, role(claims{"exp": ago(10 * time.Second)}), nil), auth.ReasonNone},
		"expired":                      {s.token(t, role(claims{"exp": ago(2 * time.Minute)}), nil), auth.ReasonExpired},
		"without expiry":               {s.token(t, role(claims{"exp": nil}), nil), auth.ReasonWrongClaim},
		"expiry that is no number":     {s.token(t, role(claims{"exp": "soon"}), nil), auth.ReasonWrongClaim},
		"not valid yet":                {s.token(t, role(claims{"nbf": ago(-2 * time.Minute)}), nil), auth.ReasonNotYetValid},
		"issued in the future":         {s.token(t, role(claims{"iat": ago(-2 * time.Minute)}), nil), auth.ReasonNotYetValid},
		"another issuer":               {s.token(t, role(claims{"iss": "https://evil.example"}), nil), auth.ReasonWrongClaim},
		"no issuer":                    {s.token(t, role(claims{"iss": nil}), nil), auth.ReasonWrongClaim},
		"another audience":             {s.token(t, role(claims{"aud": "other"}), nil), auth.ReasonWrongClaim},
		"no audience":                  {s.token(t, role(claims{"aud": nil}), nil), auth.ReasonWrongClaim},
		"another role":                 {s.token(t, claims{"role": "admin"}, nil), auth.ReasonWrongClaim},
		"no role":                      {s.token(t, nil, nil), auth.ReasonWrongClaim},
		"another key's signature":      {stranger.token(t, role(nil), nil), auth.ReasonBadSignature},
		"another key's id":             {renamed.token(t, role(nil), nil), auth.ReasonUnknownKey},
		"a critical extension":         {s.token(t, role(nil), claims{"crit": []string{"b64"}, "b64": true}), auth.ReasonMalformed},
		"not a token":                  {"abc", auth.ReasonMalformed},
		"a huge token":                 {s.token(t, role(claims{"pad": strings.Repeat("x", 16<<10)}), nil), auth.ReasonMalformed},
		"an unsigned token":            {unsigned(t), auth.ReasonWrongAlgorithm},
		"an algorithm of its own":      {s.token(t, role(nil), claims{"alg": "XX1"}), auth.ReasonWrongAlgorithm},
		"the public key as a password": {confused(t, s), auth.ReasonWrongAlgorithm},
		"another good algorithm":       {rsaToken(t), auth.ReasonWrongAlgorithm},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := chain.Authenticate(t.Context(), request("/", "Authorization", "Bearer "+tc.token))
			require.Equal(t, tc.want, auth.ReasonOf(err))
			if err == nil {
				require.Equal(t, "bearerJWT:acme", id.String())
			}
		})
	}
}

func unsigned(t *testing.T) string {
	t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	require.NoError(t, err)
	return text
}

// confused makes the classic forgery: HMAC keyed with the public key.
func confused(t *testing.T, s signer) string {
	t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{}).SignedString([]byte(s.pem(t)))
	require.NoError(t, err)
	return text
}

func rsaToken(t *testing.T) string {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return signer{id: "k1", method: jwt.SigningMethodRS256, key: k}.token(t, nil, nil)
}

func TestAStaticKeyWithoutAnIDVerifiesAnyToken(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	chain := newChain(t, tokenMethod(func(m *auth.BearerJWT) { m.Keys = []auth.PublicKey{{PEM: s.pem(t)}} }))
	_, err := chain.Authenticate(t.Context(), request("/", "Authorization", "Bearer "+s.token(t, nil, nil)))
	require.NoError(t, err)
}

func TestASubjectIsCleanedForLogs(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	chain := newChain(t, tokenMethod(func(m *auth.BearerJWT) { m.Keys = []auth.PublicKey{{PEM: s.pem(t)}} }))
	text := s.token(t, map[string]any{"sub": "a\nb" + strings.Repeat("é", 200)}, nil)
	id, err := chain.Authenticate(t.Context(), request("/", "Authorization", "Bearer "+text))
	require.NoError(t, err)
	require.NotContains(t, id.String(), "\n")
	require.LessOrEqual(t, len(id.Matches[0].Name), 128)
}
