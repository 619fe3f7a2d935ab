package signature_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// tokens is a scheme of tokens that are bound to the body.
func tokens() signature.Scheme {
	return signature.Scheme{
		Alg: "jwt", Sig: signature.Strings{"header:authorization"}, Items: signature.Strings{"Bearer {sig}", "{sig}"},
		Algs: signature.Strings{"HS256", "HS512"}, Claims: map[string]string{"iss": "acme"},
		Bind: []signature.Bind{{Claim: "sha256", Enc: "base64"}},
	}
}

// token signs claims with the secret of setup.
func token(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims, header map[string]any) string {
	t.Helper()
	made := jwt.NewWithClaims(method, claims)
	maps.Copy(made.Header, header)
	text, err := made.SignedString(key)
	require.NoError(t, err)
	return text
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestATokenIsBoundToTheBody(t *testing.T) {
	t.Parallel()
	b := setup(t, tokens()).signed()
	b.accepted()
	b.body("other").rejected(signature.Altered)
}

func TestTokensThatAreRejected(t *testing.T) {
	t.Parallel()
	b := setup(t, tokens())
	key, good := []byte("secret"), func() jwt.MapClaims { return jwt.MapClaims{"iss": "acme", "sha256": digestOf(b.request.Body)} }
	changed := func(name string, value any) jwt.MapClaims {
		claims := good()
		claims[name] = value
		return claims
	}
	without := good()
	delete(without, "sha256")
	rsa := newPair(t, "rsa-sha256")
	for name, tc := range map[string]struct {
		text string
		why  signature.Reason
	}{
		"nothing wrong":               {token(t, jwt.SigningMethodHS256, key, good(), nil), signature.None},
		"the other algorithm":         {token(t, jwt.SigningMethodHS512, key, good(), nil), signature.None},
		"hexadecimal is not base64":   {token(t, jwt.SigningMethodHS256, key, changed("sha256", hex.EncodeToString(key)), nil), signature.Altered},
		"an algorithm not allowed":    {token(t, jwt.SigningMethodHS384, key, good(), nil), signature.UnsupportedAlgorithm},
		"no algorithm":                {token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good(), nil), signature.UnsupportedAlgorithm},
		"a public key algorithm":      {token(t, jwt.SigningMethodRS256, rsa.signer, good(), nil), signature.UnsupportedAlgorithm},
		"another key":                 {token(t, jwt.SigningMethodHS256, []byte("guess"), good(), nil), signature.Mismatch},
		"another issuer":              {token(t, jwt.SigningMethodHS256, key, changed("iss", "evil"), nil), signature.BadToken},
		"an issuer of another kind":   {token(t, jwt.SigningMethodHS256, key, changed("iss", []string{"acme"}), nil), signature.BadToken},
		"no digest":                   {token(t, jwt.SigningMethodHS256, key, without, nil), signature.BadToken},
		"a digest of another kind":    {token(t, jwt.SigningMethodHS256, key, changed("sha256", nil), nil), signature.BadToken},
		"a digest that is not base64": {token(t, jwt.SigningMethodHS256, key, changed("sha256", "*"), nil), signature.BadToken},
		"expired":                     {token(t, jwt.SigningMethodHS256, key, changed("exp", b.now.Unix()-1), nil), signature.Expired},
		"not valid yet":               {token(t, jwt.SigningMethodHS256, key, changed("nbf", b.now.Unix()+10), nil), signature.Expired},
		"issued in the future":        {token(t, jwt.SigningMethodHS256, key, changed("iat", b.now.Unix()+10), nil), signature.Expired},
		"an expiry of another kind":   {token(t, jwt.SigningMethodHS256, key, changed("exp", "soon"), nil), signature.BadToken},
		"an unknown extension":        {token(t, jwt.SigningMethodHS256, key, good(), map[string]any{"crit": []string{"b64"}, "b64": false}), signature.BadToken},
		"no token":                    {"e30.e30", signature.MalformedSignature},
		"a token of noise":            {"e.e.e", signature.MalformedSignature},
	} {
		b.header("authorization", "Bearer "+tc.text)
		require.Equal(t, tc.why, b.verify().Reason, name)
	}
}

func TestLeewayWidensTheTimeOfAToken(t *testing.T) {
	t.Parallel()
	s := tokens()
	s.Leeway = 5
	b := setup(t, s).signed()
	b.now = b.now.Add(5*time.Minute + 4*time.Second)
	b.accepted()
	b.now = b.now.Add(2 * time.Second)
	b.rejected(signature.Expired)
}

func TestBoundClaimsMayBeOptional(t *testing.T) {
	t.Parallel()
	s := tokens()
	s.Claims = map[string]string{"aud": "penstock"}
	s.Bind = []signature.Bind{{Claim: "a", Optional: true}, {Claim: "b.c", OptionalIfEmpty: true}}
	b := setup(t, s)
	claims := jwt.MapClaims{"aud": []string{"other", "penstock"}}
	b.header("authorization", token(t, jwt.SigningMethodHS256, []byte("secret"), claims, nil))
	b.rejected(signature.BadToken)
	b.body("").accepted()

	sum := sha256.Sum256([]byte("x"))
	claims["b"] = map[string]any{"c": hex.EncodeToString(sum[:])}
	b.header("authorization", token(t, jwt.SigningMethodHS256, []byte("secret"), claims, nil)).rejected(signature.Altered)
	b.body("x").accepted()

	claims["a"] = "00"
	b.header("authorization", token(t, jwt.SigningMethodHS256, []byte("secret"), claims, nil)).rejected(signature.Altered)
}

func TestAPublicKeyIsNeverTakenForASecret(t *testing.T) {
	t.Parallel()
	p := newPair(t, "rsa-sha256")
	s := signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:authorization"}, Algs: signature.Strings{"RS256"}}
	b := setupWith(t, s, p.pem(t))
	b.header("authorization", token(t, jwt.SigningMethodRS256, p.signer, jwt.MapClaims{}, nil)).accepted()
	b.header("authorization", token(t, jwt.SigningMethodHS256, []byte(p.pem(t)), jwt.MapClaims{}, nil)).rejected(signature.UnsupportedAlgorithm)
	require.ErrorIs(t, b.verifier.Sign(b.request, b.keys, b.now), signature.ErrPublicKey)
}
