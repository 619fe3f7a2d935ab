package httpapi_test

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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
)

// identity is a certificate with its key, and the files that hold them.
type identity struct {
	cert, key string
	pair      tls.Certificate
}

// newIdentity makes a self-signed certificate with the serial number, in dir.
func newIdentity(t *testing.T, dir string, serial int64) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"client.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	i := identity{cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key")}
	require.NoError(t, os.WriteFile(i.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(i.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	i.pair, err = tls.LoadX509KeyPair(i.cert, i.key)
	require.NoError(t, err)
	return i
}

func files(i identity) option {
	return func(o *httpapi.Options) {
		o.Settings.TLSMode, o.Settings.TLSCertFile, o.Settings.TLSKeyFile = httpapi.TLSFiles, i.cert, i.key
	}
}

func clientCA(i identity) option {
	return func(o *httpapi.Options) { o.Settings.TLSClientCAFile = i.cert }
}

// serial returns the serial number of the certificate that a new connection is shown.
func (b *bundle) serial(t *testing.T) int64 {
	t.Helper()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := d.DialContext(t.Context(), "tcp", b.Addr().String())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestBothVersionsOfHTTPWorkOverTLS(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(accept))
	res := b.do(t, http.MethodPost, "/in/a", strings.NewReader("{}"))
	require.Equal(t, "HTTP/2.0", res.proto)
	require.Equal(t, http.StatusAccepted, res.status)

	b.client.CloseIdleConnections()
	b.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	res = b.do(t, http.MethodPost, "/in/a", strings.NewReader("{}"))
	require.Equal(t, "HTTP/1.1", res.proto)
	require.Equal(t, http.StatusAccepted, res.status)
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(accept))
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}
	_, err := d.DialContext(t.Context(), "tcp", b.Addr().String())
	require.ErrorContains(t, err, "protocol version")
}

func TestUnencryptedHTTP2WorksBehindAProxyThatEndsTLS(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(accept), clearText)
	two := new(http.Protocols)
	two.SetUnencryptedHTTP2(true)
	b.client.Transport.(*http.Transport).Protocols = two
	res := b.do(t, http.MethodPost, "/in/a", strings.NewReader("{}"))
	require.Equal(t, "HTTP/2.0", res.proto)
}

func TestANewCertificateIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := setup(t, pipeline(accept), files(newIdentity(t, dir, 1)), quietLog)
	require.EqualValues(t, 1, b.serial(t))

	newIdentity(t, dir, 2)
	require.Eventually(t, func() bool { return b.serial(t) == 2 }, 10*time.Second, 50*time.Millisecond)

	// A file that cannot be used changes nothing, and the next good one is taken.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("half"), 0o600))
	require.Never(t, func() bool { return b.serial(t) != 2 }, 1500*time.Millisecond, 100*time.Millisecond)
	newIdentity(t, dir, 3)
	require.Eventually(t, func() bool { return b.serial(t) == 3 }, 10*time.Second, 50*time.Millisecond)
}

func TestTheExpiryOfTheCertificateIsKnown(t *testing.T) {
	t.Parallel()
	require.WithinDuration(t, time.Now().Add(365*24*time.Hour), setup(t, pipeline(accept)).CertificateExpiry(), time.Hour)
	require.True(t, setup(t, pipeline(accept), clearText).CertificateExpiry().IsZero())

	i := newIdentity(t, t.TempDir(), 1)
	pair, err := tls.LoadX509KeyPair(i.cert, i.key)
	require.NoError(t, err)
	require.Equal(t, pair.Leaf.NotAfter, setup(t, pipeline(accept), files(i)).CertificateExpiry())
}

func TestFilesThatCannotBeUsedAreAnErrorAtStart(t *testing.T) {
	t.Parallel()
	i := newIdentity(t, t.TempDir(), 1)
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, s := range map[string]httpapi.Settings{
		"look at the TLS files":          {TLSMode: httpapi.TLSFiles, TLSCertFile: i.cert, TLSKeyFile: "/nowhere"},
		"load the TLS certificate":       {TLSMode: httpapi.TLSFiles, TLSCertFile: i.key, TLSKeyFile: i.key},
		"client certificate authorities": {TLSMode: httpapi.TLSSelfSigned, TLSClientCAFile: empty},
	} {
		s.Listen = "127.0.0.1:0"
		_, err := httpapi.Start(t.Context(), httpapi.Options{Settings: s, Log: zap.NewNop(), Pipeline: pipeline(accept)})
		require.ErrorContains(t, err, name)
	}
}

func TestAClientCertificateIsVerifiedWhenGiven(t *testing.T) {
	t.Parallel()
	trusted, stranger := newIdentity(t, t.TempDir(), 7), newIdentity(t, t.TempDir(), 8)
	chains := make(chan int, 1)
	b := setup(t, pipeline(func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
		chains <- len(r.HTTP.TLS.VerifiedChains)
		return accept(ctx, r)
	}), clientCA(trusted))
	transport := b.client.Transport.(*http.Transport)

	b.do(t, http.MethodPost, "/in/a", http.NoBody)
	require.Zero(t, <-chains, "none is needed")

	transport.CloseIdleConnections()
	with := transport.Clone()
	with.TLSClientConfig.Certificates = []tls.Certificate{trusted.pair}
	b.client.Transport = with
	b.do(t, http.MethodPost, "/in/a", http.NoBody)
	require.Equal(t, 1, <-chains)
	with.CloseIdleConnections()

	bad := transport.Clone()
	bad.TLSClientConfig.Certificates = nil
	bad.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &stranger.pair, nil }
	defer bad.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/in/a", http.NoBody)
	require.NoError(t, err)
	_, err = (&http.Client{Transport: bad}).Do(req) //nolint:bodyclose // there is none
	require.Error(t, err)
}
