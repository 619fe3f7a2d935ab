package provider_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// pairs are private keys for the tests, made once.
type pairs struct {
	rsa  *rsa.PrivateKey
	p256 *ecdsa.PrivateKey
	p521 *ecdsa.PrivateKey
	ed   ed25519.PrivateKey
}

var testPairs = sync.OnceValue(func() pairs { //nolint:gochecknoglobals // shared by the tests
	r, rsaErr := rsa.GenerateKey(rand.Reader, 2048)
	a, aErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	b, bErr := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	_, e, edErr := ed25519.GenerateKey(rand.Reader)
	if rsaErr != nil || aErr != nil || bErr != nil || edErr != nil {
		panic("no randomness")
	}
	return pairs{r, a, b, e}
})

func b64(data []byte) string    { return base64.StdEncoding.EncodeToString(data) }
func b64url(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// rsaSign signs as PKCS #1 v1.5 does.
func rsaSign(t testing.TB, h crypto.Hash, text []byte) []byte {
	t.Helper()
	var digest []byte
	switch h {
	case crypto.SHA1:
		sum := sha1.Sum(text)
		digest = sum[:]
	case crypto.SHA256:
		sum := sha256.Sum256(text)
		digest = sum[:]
	default:
		sum := sha512.Sum512(text)
		digest = sum[:]
	}
	sig, err := rsa.SignPKCS1v15(nil, testPairs().rsa, h, digest)
	require.NoError(t, err)
	return sig
}

// publicPEM writes a public key as providers publish it.
func publicPEM(t testing.TB, key crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// keySet writes a JWKS of one key.
func keySet(t testing.TB, kid string, key crypto.PublicKey) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": []any{keyOf(t, kid, key)}})
	require.NoError(t, err)
	return string(text)
}

func keyOf(t testing.TB, kid string, key crypto.PublicKey) jwkset.JWKMarshal {
	t.Helper()
	jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid}})
	require.NoError(t, err)
	return jwk.Marshal()
}

// token makes a JWT.
func token(t testing.TB, method jwt.SigningMethod, key any, head map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	made := jwt.NewWithClaims(method, claims)
	maps.Copy(made.Header, head)
	text, err := made.SignedString(key)
	require.NoError(t, err)
	return text
}

// authority is a certificate with the key to sign others.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// certify makes a certificate; nil makes a root.
func certify(t testing.TB, by *authority, name string, marks ...asn1.ObjectIdentifier) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return authority{certificate: certificateOf(t, by, name, key, &key.PublicKey, marks...), key: key}
}

func certificateOf(t testing.TB, by *authority, name string, self *ecdsa.PrivateKey, public crypto.PublicKey, marks ...asn1.ObjectIdentifier) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, mark := range marks {
		template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: mark, Value: []byte{5, 0}})
	}
	parent, signer := template, self
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate
}

func certificatePEM(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}
