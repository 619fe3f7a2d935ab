package signature_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// pair is a fresh private key of an algorithm, and what it signs with.
type pair struct {
	signer crypto.Signer
	sign   func(t *testing.T, message []byte) []byte
}

func newPair(t *testing.T, alg string) pair {
	t.Helper()
	if alg == "ed25519" {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		return pair{private, func(_ *testing.T, m []byte) []byte { return ed25519.Sign(private, m) }}
	}
	name := alg[strings.LastIndexByte(alg, '-')+1:]
	hash := map[string]crypto.Hash{"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}[name]
	var options crypto.SignerOpts = hash
	var signer crypto.Signer
	var err error
	if strings.HasPrefix(alg, "ecdsa") {
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		signer, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	require.NoError(t, err)
	if strings.HasPrefix(alg, "rsa-pss") {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	return pair{signer, func(t *testing.T, m []byte) []byte {
		t.Helper()
		h := hash.New()
		h.Write(m)
		sig, err := signer.Sign(rand.Reader, h.Sum(nil), options)
		require.NoError(t, err)
		return sig
	}}
}

func (p pair) der(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(p.signer.Public())
	require.NoError(t, err)
	return der
}

func (p pair) pem(t *testing.T) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: p.der(t)}))
}

func (p pair) certificate(t *testing.T) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, p.signer.Public(), p.signer)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func asymmetric() []string {
	return []string{
		"ed25519", "ecdsa-sha1", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512", "rsa-sha1", "rsa-sha256", "rsa-sha384", "rsa-sha512",
		"rsa-pss-sha256", "rsa-pss-sha512",
	}
}

func TestPublicKeyAlgorithms(t *testing.T) {
	t.Parallel()
	for _, alg := range asymmetric() {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, alg)
			s := signature.Scheme{
				Alg: alg, Sig: signature.Strings{"header:x-signature"}, Enc: "base64", Msg: "{ts}.{body}.{method}",
				TS: &signature.Timestamp{From: "header:x-time"},
			}
			b := setupWith(t, s, newPair(t, alg).pem(t), p.pem(t))
			sig := p.sign(t, []byte("1700000000."+string(b.request.Body)+".POST"))
			b.header("x-time", "1700000000").header("x-signature", base64.StdEncoding.EncodeToString(sig)).accepted()
			require.Equal(t, 1, b.verify().Key)

			b.header("x-time", "1700000001").rejected(signature.Mismatch)
			b.header("x-time", "1700000000").body("other").rejected(signature.Mismatch)
			for _, forged := range [][]byte{sig[:len(sig)-1], append(slices.Clip(sig), 0), make([]byte, len(sig)), {0}} {
				b.header("x-signature", base64.StdEncoding.EncodeToString(forged)).rejected(signature.Mismatch)
			}
			require.ErrorIs(t, b.verifier.Sign(b.request, b.keys, b.now), signature.ErrPublicKey)
		})
	}
}

func TestAPublicKeyIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	ed, ec := newPair(t, "ed25519"), newPair(t, "ecdsa-sha256")
	raw, ok := ed.signer.Public().(ed25519.PublicKey)
	require.True(t, ok)
	oneLine := strings.ReplaceAll(ec.pem(t), "\n", "")
	for name, tc := range map[string]struct {
		alg, kind, secret string
		p                 pair
	}{
		"PEM":                   {"ecdsa-sha256", "pem", ec.pem(t), ec},
		"PEM by default":        {"ecdsa-sha256", "", ec.pem(t), ec},
		"PEM on one line":       {"ecdsa-sha256", "pem", oneLine, ec},
		"PEM with escapes":      {"ecdsa-sha256", "pem", strings.ReplaceAll(ec.pem(t), "\n", `\n`), ec},
		"a certificate":         {"ecdsa-sha256", "x509", ec.certificate(t), ec},
		"base64 of the DER":     {"ecdsa-sha256", "spki-b64", base64.StdEncoding.EncodeToString(ec.der(t)), ec},
		"hexadecimal":           {"ed25519", "hex", hex.EncodeToString(raw), ed},
		"base64":                {"ed25519", "base64", base64.StdEncoding.EncodeToString(raw), ed},
		"base64url":             {"ed25519", "base64", base64.RawURLEncoding.EncodeToString(raw), ed},
		"PEM of an Ed25519 key": {"ed25519", "pem", ed.pem(t), ed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupWith(t, with(func(s *signature.Scheme) { s.Alg, s.Key = tc.alg, tc.kind }), tc.secret)
			b.header("x-signature", hex.EncodeToString(tc.p.sign(t, b.request.Body))).accepted()
		})
	}
}

func TestAKeyThatDoesNotSuitIsRefused(t *testing.T) {
	t.Parallel()
	small := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: smallRSA(t)}))
	for name, tc := range map[string]struct{ alg, kind, secret, text string }{
		"nothing":            {"rsa-sha256", "pem", "", "is empty"},
		"no PEM":             {"rsa-sha256", "pem", "hello", "is not PEM"},
		"PEM of nothing":     {"rsa-sha256", "pem", "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----", "no public key"},
		"PEM of no base64":   {"rsa-sha256", "pem", "-----BEGIN PUBLIC KEY-----***-----END PUBLIC KEY-----", "is not PEM"},
		"another algorithm":  {"rsa-sha256", "pem", newPair(t, "ed25519").pem(t), "does not suit"},
		"a small RSA key":    {"rsa-sha256", "pem", small, "is not safe"},
		"a short raw key":    {"ed25519", "hex", "abcd", "32 bytes"},
		"a raw key of noise": {"ed25519", "base64", "*", "32 bytes"},
		"DER of noise":       {"ecdsa-sha256", "spki-b64", "*", "is not base64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := signature.Compile(with(func(s *signature.Scheme) { s.Alg, s.Key = tc.alg, tc.kind }))
			require.NoError(t, err)
			_, err = v.Keys(tc.secret)
			require.ErrorContains(t, err, tc.text)
			if tc.secret != "" {
				require.NotContains(t, err.Error(), tc.secret)
			}
		})
	}
}

// smallRSA is the SubjectPublicKeyInfo of a key that is much too small.
func smallRSA(t *testing.T) []byte {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), 511)
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537})
	require.NoError(t, err)
	return der
}
