package pemfile_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/pemfile"
)

// issued is a certificate and its key.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate, by itself when there is no issuer.
func issue(t *testing.T, name string, by *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &issued{cert, key}
}

func (i *issued) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

func write(t *testing.T, parts ...[]byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.pem")
	require.NoError(t, os.WriteFile(file, bytes.Join(parts, nil), 0o600))
	return file
}

func utf16le(content []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(content))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func TestAChainIsPutInOrderHoweverItsFileIsWritten(t *testing.T) {
	t.Parallel()
	root := issue(t, "root", nil)
	middle := issue(t, "middle", root)
	leaf := issue(t, "leaf", middle)
	other := issue(t, "other", nil)
	der, err := x509.MarshalPKCS8PrivateKey(leaf.key)
	require.NoError(t, err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	bom := []byte("\xef\xbb\xbf")
	tests := map[string]struct{ certs, key []byte }{
		"as it should be":        {bytes.Join([][]byte{leaf.pem(), middle.pem(), root.pem()}, nil), key},
		"reversed":               {bytes.Join([][]byte{root.pem(), middle.pem(), leaf.pem()}, nil), key},
		"issuers reversed":       {bytes.Join([][]byte{leaf.pem(), root.pem(), middle.pem()}, nil), key},
		"a byte order mark":      {append(bom, bytes.Join([][]byte{leaf.pem(), middle.pem(), root.pem()}, nil)...), append(bom, key...)},
		"a mark in each part":    {bytes.Join([][]byte{bom, leaf.pem(), bom, middle.pem(), bom, root.pem()}, nil), key},
		"UTF-16":                 {utf16le(bytes.Join([][]byte{leaf.pem(), middle.pem(), root.pem()}, nil)), utf16le(key)},
		"a foreign one in front": {bytes.Join([][]byte{other.pem(), leaf.pem(), middle.pem(), root.pem()}, nil), key},
		"with Windows' lines":    {bytes.ReplaceAll(bytes.Join([][]byte{root.pem(), middle.pem(), leaf.pem()}, nil), []byte("\n"), []byte("\r\n")), key},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair, err := pemfile.Pair(write(t, tt.certs), write(t, tt.key))
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(pair.Certificate), 3)
			for i, want := range []*issued{leaf, middle, root} {
				require.Equal(t, want.cert.Raw, pair.Certificate[i])
			}
		})
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	t.Parallel()
	a, b := issue(t, "a", nil), issue(t, "b", nil)
	der, err := x509.MarshalPKCS8PrivateKey(b.key)
	require.NoError(t, err)
	cert, key, text := write(t, a.pem()), write(t, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), write(t, []byte("hello"))
	for _, files := range [][2]string{{cert, key}, {text, key}, {key, cert}} {
		_, err := pemfile.Pair(files[0], files[1])
		require.ErrorContains(t, err, files[0])
		require.NotContains(t, err.Error(), "hello")
	}
	_, err = pemfile.Pair(cert, cert+".missing")
	require.ErrorContains(t, err, cert+".missing")
	_, err = pemfile.Pool(text)
	require.ErrorContains(t, err, text)
	_, err = pemfile.Pool(write(t, []byte("\xef\xbb\xbf"), a.pem()))
	require.NoError(t, err)
}
