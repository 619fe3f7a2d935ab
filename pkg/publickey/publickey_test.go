package publickey_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/publickey"
)

// rsaOf is an RSA key of that size that nobody has the private key of.
func rsaOf(bits uint, exponent int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: exponent}
}

func curve(t *testing.T, c elliptic.Curve) *ecdsa.PublicKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	require.NoError(t, err)
	return &key.PublicKey
}

func TestOnlyUsualKeysAreTaken(t *testing.T) {
	t.Parallel()
	good := map[string]crypto.PublicKey{
		"P-256": curve(t, elliptic.P256()), "P-384": curve(t, elliptic.P384()), "P-521": curve(t, elliptic.P521()),
		"Ed25519": ed25519.PublicKey(make([]byte, 32)), "RSA-1024": rsaOf(1024, 3), "RSA-4096": rsaOf(4096, 65537),
	}
	for name, key := range good {
		require.NoError(t, publickey.Check(key), name)
		der, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err, name)
		got, err := publickey.Parse(der)
		require.NoError(t, err, name)
		require.Equal(t, key, got, name)
		_, err = publickey.ParseAny(der)
		require.NoError(t, err, name)
	}
	off := *curve(t, elliptic.P256())
	off.X = new(big.Int).Add(off.X, big.NewInt(1)) //nolint:staticcheck // a point that no parser makes
	for name, key := range map[string]crypto.PublicKey{
		"P-224": curve(t, elliptic.P224()), "RSA-4104": rsaOf(4104, 65537), "RSA-65536": rsaOf(65536, 65537), "an even exponent": rsaOf(2048, 4),
		"exponent 1": rsaOf(2048, 1), "no modulus": &rsa.PublicKey{E: 3}, "a short Ed25519": ed25519.PublicKey{1}, "no point": &off, "nothing": nil,
		"a private key": ed25519.NewKeyFromSeed(make([]byte, 32)), "a secret": []byte("secret"),
	} {
		require.Error(t, publickey.Check(key), name)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaOf(8192, 65537))
	require.NoError(t, err)
	for _, parse := range []func([]byte) (crypto.PublicKey, error){publickey.Parse, publickey.ParseAny} {
		_, err = parse(der)
		require.ErrorContains(t, err, "8192 bits")
		_, err = parse(make([]byte, publickey.MaxDER+1))
		require.ErrorContains(t, err, "bytes")
	}
	_, err = publickey.ParseAny(x509.MarshalPKCS1PublicKey(rsaOf(8192, 65537)))
	require.Error(t, err)
}

// authority is a certificate with the key to sign others.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func certify(t *testing.T, by *authority, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	if by == nil {
		by = &authority{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, &key.PublicKey, by.key)
	require.NoError(t, err)
	certificate, err := publickey.ParseCertificate(der)
	require.NoError(t, err)
	return authority{certificate, key}
}

func ders(all ...authority) [][]byte {
	var out [][]byte
	for _, a := range all {
		out = append(out, a.certificate.Raw)
	}
	return out
}

// counter allows a number of operations.
type counter struct{ taken, most int }

func (c *counter) take() bool { c.taken++; return c.taken <= c.most }

func TestAChainIsVerifiedLinkByLink(t *testing.T) {
	t.Parallel()
	root, other := certify(t, nil, "root"), certify(t, nil, "root")
	middle := certify(t, &root, "middle")
	leaf := certify(t, &middle, "leaf")
	stranger := certify(t, &other, "middle")
	verify := func(most int, chain ...authority) (int, error) {
		parsed, err := publickey.ParseChain(ders(chain...))
		require.NoError(t, err)
		c := &counter{most: most}
		err = parsed.Verify(t.Context(), []*x509.Certificate{root.certificate}, time.Now(), c.take)
		return c.taken, err
	}
	for name, chain := range map[string][]authority{"with its root": {leaf, middle, root}, "without": {leaf, middle}} {
		_, err := verify(16, chain...)
		require.NoError(t, err, name)
	}
	for name, chain := range map[string][]authority{
		"a root of somebody else": {leaf, middle, other}, "a gap": {leaf, root}, "another order": {leaf, root, middle},
		"a stranger between": {leaf, stranger, root}, "no root at all": {certify(t, nil, "leaf")},
	} {
		taken, err := verify(16, chain...)
		require.Error(t, err, name)
		require.LessOrEqual(t, taken, len(chain), name)
	}
	_, err := verify(1, leaf, middle)
	require.ErrorIs(t, err, publickey.ErrTooCostly)
	_, err = verify(2, leaf, middle)
	require.ErrorIs(t, err, publickey.ErrTooCostly)
	chain, err := publickey.ParseChain(ders(leaf, middle))
	require.NoError(t, err)
	late := time.Now().Add(2 * time.Hour)
	require.Error(t, chain.Verify(t.Context(), []*x509.Certificate{root.certificate}, late, (&counter{most: 16}).take))
}

func TestNoLinkIsCheckedForWhoIsGone(t *testing.T) {
	t.Parallel()
	root := certify(t, nil, "root")
	chain, err := publickey.ParseChain(ders(certify(t, &root, "leaf")))
	require.NoError(t, err)
	gone, leave := context.WithCancel(t.Context())
	leave()
	c := &counter{most: 16}
	require.ErrorIs(t, chain.Verify(gone, []*x509.Certificate{root.certificate}, time.Now(), c.take), context.Canceled)
	require.Zero(t, c.taken)
}

func TestAChainIsSmall(t *testing.T) {
	t.Parallel()
	root := certify(t, nil, "root")
	for name, chain := range map[string][][]byte{
		"none": {}, "five": ders(root, root, root, root, root), "a large one": {root.certificate.Raw, make([]byte, publickey.MaxDER+1)}, "a broken one": {{1}},
	} {
		_, err := publickey.ParseChain(chain)
		require.Error(t, err, name)
	}
}
