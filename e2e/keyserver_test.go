package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keyServer stands in for the API of eBay, with one key. A gateway reaches it through a
// proxy, as every host, and trusts its certificate.
type keyServer struct {
	key     *ecdsa.PrivateKey
	unknown atomic.Int64  // how many other keys were asked for
	hold    chan struct{} // nil: it answers at once; otherwise when this is closed
	asked   chan struct{} // gets one value for each key that is asked for, while there is room
	env     map[string]string
}

func newKeyServer(t *testing.T) *keyServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	k := &keyServer{key: key, asked: make(chan struct{}, 100)}
	server := httptest.NewUnstartedServer(k)
	certificate := selfSigned(t, key, "api.ebay.com")
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(tunnelTo(server.Listener.Addr().String()))
	t.Cleanup(proxy.Close)
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600))
	k.env = map[string]string{"HTTPS_PROXY": proxy.URL, "SSL_CERT_FILE": trusted}
	return k
}

func selfSigned(t *testing.T, key *ecdsa.PrivateKey, host string) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return der
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
	if !strings.HasSuffix(r.URL.Path, "/authentic") {
		k.unknown.Add(1)
		http.NotFound(w, r)
		return
	}
	der, _ := x509.MarshalPKIXPublicKey(&k.key.PublicKey)
	answer, err := json.Marshal(map[string]string{"key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(answer)
}
