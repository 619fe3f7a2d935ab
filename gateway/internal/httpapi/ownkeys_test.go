package httpapi_test

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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// ownKeys are private keys in the place of those that only providers have, by family.
var ownKeys = sync.OnceValue(func() map[string]crypto.Signer {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return map[string]crypto.Signer{"rsa": rsaKey, "ecdsa": ecKey, "ed25519": edKey}
})

// publicKey writes the public key of a family as a preset wants it.
func publicKey(t *testing.T, family, form string) string {
	t.Helper()
	public := ownKeys()[family].Public()
	if raw, is := public.(ed25519.PublicKey); is && form == "hex" {
		return hex.EncodeToString(raw)
	} else if is {
		return base64.StdEncoding.EncodeToString(raw)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	if form == "spki-b64" {
		return base64.StdEncoding.EncodeToString(der)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// signWithOwnKey signs a request with the private key that belongs to the preset's public one. It is false for a preset
// that signs in another way than one signature in a header field over a message with or without a time.
func signWithOwnKey(t *testing.T, p *provider.Preset, r *signature.Request) bool {
	t.Helper()
	family, hash, _ := strings.Cut(p.Scheme.Alg, "-")
	key, public := ownKeys()[family]
	field, inHeader := strings.CutPrefix(p.Scheme.Sig[0], "header:")
	if !public || !inHeader || p.Code != "" || len(p.Scheme.Items) > 0 || strings.Contains(field, "|") {
		return false
	}
	message := p.Scheme.Msg
	if message == "" {
		message = "{body}"
	}
	if p.Scheme.TS != nil {
		at, is := strings.CutPrefix(p.Scheme.TS.From, "header:")
		if !is || p.Scheme.TS.Unit != "s" {
			return false
		}
		now := strconv.FormatInt(time.Now().Unix(), 10)
		r.Header.Set(at, now)
		message = strings.ReplaceAll(message, "{ts}", now)
	}
	template, err := signature.CompileTemplate(message)
	require.NoError(t, err, p.ID)
	text, err := template.Render(r, nil)
	if err != nil {
		return false // it signs what this request does not have
	}
	r.Header.Set(field, encodeSignature(p, signText(t, key, hash, text)))
	return true
}

func encodeSignature(p *provider.Preset, signed []byte) string {
	switch p.Scheme.Enc {
	case "hex":
		return hex.EncodeToString(signed)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(signed)
	default:
		return base64.StdEncoding.EncodeToString(signed)
	}
}

func signText(t *testing.T, key crypto.Signer, hash, text string) []byte {
	t.Helper()
	hash, padded := strings.CutPrefix(hash, "pss-")
	algorithm, known := map[string]crypto.Hash{"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha512": crypto.SHA512}[hash]
	message, options := []byte(text), crypto.SignerOpts(crypto.Hash(0))
	if known {
		h := algorithm.New()
		h.Write(message)
		message, options = h.Sum(nil), algorithm
	}
	if padded {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: algorithm}
	}
	signed, err := key.Sign(rand.Reader, message, options)
	require.NoError(t, err)
	return signed
}
