package e2e

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keyServer stands in for the hosts of all providers whose keys are fetched, each with one key,
// which is called authentic. A gateway reaches it through a proxy, as every host, and trusts its
// certificate.
type keyServer struct {
	key   *ecdsa.PrivateKey
	rsa   *rsa.PrivateKey
	hold  chan struct{} // nil: it answers at once; otherwise when this is closed
	asked chan struct{} // gets one value for each key that is asked for, while there is room
	env   map[string]string

	mu      sync.Mutex
	unknown map[string]int // by host, how often another key was asked for
}

func newKeyServer(t *testing.T) *keyServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	k := &keyServer{key: key, rsa: other, asked: make(chan struct{}, 100), unknown: map[string]int{}}
	server := httptest.NewUnstartedServer(k)
	certificate, err := certify(key, keyHosts...)
	require.NoError(t, err)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(tunnelTo(server.Listener.Addr().String()))
	t.Cleanup(proxy.Close)
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(trusted, []byte(writePEM("CERTIFICATE", certificate)), 0o600))
	k.env = map[string]string{"HTTPS_PROXY": proxy.URL, "SSL_CERT_FILE": trusted}
	return k
}

// certify is a certificate for these hosts, signed with its own key.
func certify(key crypto.Signer, hosts ...string) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

func writePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// tunnelTo is a proxy that connects everybody with one address.
func tunnelTo(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		to, err := new(net.Dialer).Dial("tcp", address)
		if err != nil {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		defer func() { _ = to.Close() }()
		w.WriteHeader(http.StatusOK)
		from, rest, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = from.Close() }()
		go func() { _, _ = io.Copy(to, rest); _ = to.Close() }()
		_, _ = io.Copy(from, to)
	})
}

func (k *keyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/token") {
		_, _ = io.WriteString(w, `{"access_token":"t"}`)
		return
	}
	select {
	case k.asked <- struct{}{}:
	default:
	}
	if k.hold != nil {
		<-k.hold
	}
	if keyName(r) != "authentic" {
		k.mu.Lock()
		k.unknown[r.Host]++
		k.mu.Unlock()
		http.NotFound(w, r)
		return
	}
	document, err := k.document(r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, document)
}

// unknownOf returns how often a host was asked for a key that it does not have.
func (k *keyServer) unknownOf(host string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unknown[host]
}
