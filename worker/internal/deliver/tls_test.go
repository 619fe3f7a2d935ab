package deliver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// startTLS starts a server that speaks HTTP/2, and asks for certificates of an authority.
func startTLS(t *testing.T, clients *x509.CertPool, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = discard()
	if clients != nil {
		server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// authorityOf writes the file of authorities that trusts a server.
func authorityOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	return writePEM(t, "CERTIFICATE", server.Certificate().Raw)
}

func writePEM(t *testing.T, kind string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600))
	return file
}

// clientCertificate makes a certificate that signs itself, and its files.
func clientCertificate(t *testing.T, name string) (*x509.CertPool, *config.ClientTLS) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(certificate)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool, &config.ClientTLS{CertFile: writePEM(t, "CERTIFICATE", certificate), KeyFile: writePEM(t, "PRIVATE KEY", encoded)}
}

func TestATrustedAuthorityAndHTTP2(t *testing.T) {
	t.Parallel()
	protocol := make(chan string, 1)
	server := startTLS(t, nil, func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto })
	d := settings(server.URL)
	d.CAFile = authorityOf(t, server)
	require.NoError(t, handle(t, destination(t, d), sample()))
	require.Equal(t, "HTTP/2.0", <-protocol)
}

func TestAClientCertificateIsShownToWhoAsksForIt(t *testing.T) {
	t.Parallel()
	name := make(chan string, 1)
	pool, files := clientCertificate(t, "deliverer")
	server := startTLS(t, pool, func(_ http.ResponseWriter, r *http.Request) {
		name <- r.Proto + " " + r.TLS.PeerCertificates[0].Subject.CommonName
	})
	d := settings(server.URL)
	d.CAFile = authorityOf(t, server)
	require.Error(t, handle(t, destination(t, d), sample()))
	d.TLS = files
	require.NoError(t, handle(t, destination(t, d), sample()))
	require.Equal(t, "HTTP/2.0 deliverer", <-name)
}

func TestAServerThatRefusesTheHandshakeIsNoLostConnection(t *testing.T) {
	t.Parallel()
	pool, _ := clientCertificate(t, "deliverer")
	server := httptest.NewUnstartedServer(status(http.StatusOK))
	server.Config.ErrorLog = discard()
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MaxVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	d := settings(server.URL)
	d.CAFile = authorityOf(t, server)
	require.Equal(t, fault.ReasonTLS, fault.ReasonOf(handle(t, destination(t, d), sample())))
}

func TestAnUnusableFileOfAuthoritiesIsRefused(t *testing.T) {
	t.Parallel()
	d := settings("https://127.0.0.1")
	d.CAFile = filepath.Join(t.TempDir(), "missing.pem")
	_, err := deliver.New(d, deliver.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)

	require.NoError(t, os.WriteFile(d.CAFile, []byte("nothing"), 0o600))
	_, err = deliver.New(d, deliver.Options{})
	require.ErrorContains(t, err, "holds no certificate")
}
