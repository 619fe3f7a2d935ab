package signature_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/penstock/penstock/pkg/signature"
)

func TestEveryTokenAlgorithmVerifiesWhatItSigned(t *testing.T) {
	t.Parallel()
	for alg, names := range map[string][]string{
		"ecdsa-sha256": {"ES256"}, "rsa-sha256": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, "ed25519": {"EdDSA"},
	} {
		p := newPair(t, alg)
		for _, name := range names {
			s := signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:authorization"}, Algs: signature.Strings{name}}
			b := setupWith(t, s, p.pem(t))
			text := token(t, jwt.GetSigningMethod(name), p.signer, jwt.MapClaims{"a": 1}, nil)
			b.header("authorization", text).accepted()
			head, rest, _ := strings.Cut(text, ".")
			payload, sig, _ := strings.Cut(rest, ".")
			other := base64.RawURLEncoding.EncodeToString([]byte(`{"a":2}`))
			b.header("authorization", head+"."+other+"."+sig).rejected(signature.Mismatch)
			b.header("authorization", head+"."+payload+"."+sig[2:]).rejected(signature.Mismatch)
			b.header("authorization", head+"."+payload+".").rejected(signature.Mismatch)
		}
	}
}

func TestACurveOfAnotherSizeIsNotThatOfTheAlgorithm(t *testing.T) {
	t.Parallel()
	p := newPair(t, "ecdsa-sha256")
	s := signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:authorization"}, Algs: signature.Strings{"ES384", "ES512"}}
	b := setupWith(t, s, p.pem(t))
	for _, name := range []string{"ES384", "ES512"} {
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + name + `"}`))
		b.header("authorization", head+".e30."+base64.RawURLEncoding.EncodeToString(make([]byte, 64))).rejected(signature.Mismatch)
	}
}

func TestHeadersOfTokensThatAreRejected(t *testing.T) {
	t.Parallel()
	b := setup(t, tokens())
	for head, why := range map[string]signature.Reason{
		`{"alg":"HS256","alg":"HS512"}`: signature.UnsupportedAlgorithm,
		`{"alg":["HS256"]}`:             signature.UnsupportedAlgorithm,
		`{"ALG":"HS256"}`:               signature.UnsupportedAlgorithm,
		`{}`:                            signature.UnsupportedAlgorithm,
		`{"alg":"HS256","crit":null}`:   signature.BadToken,
		`["HS256"]`:                     signature.MalformedSignature,
		`{"alg":"HS256"} {}`:            signature.MalformedSignature,
		`{"alg":"HS256","x":"` + strings.Repeat("x", 1<<17) + `"}`: signature.MalformedSignature,
	} {
		b.header("authorization", base64.RawURLEncoding.EncodeToString([]byte(head))+".e30.e30")
		b.rejected(why)
	}
}
