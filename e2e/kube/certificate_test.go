//go:build kube

package kube_test

import (
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

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// replaceCertificate changes the Secret, as cert-manager does when it renews.
func replaceCertificate(t *testing.T, s *site) {
	pods := func() string {
		return s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/component=gateway", "-o", "jsonpath={range .items[*]}{.metadata.uid}{.status.containerStatuses[0].restartCount} {end}")
	}
	before := pods()
	require.Contains(t, s.traffic.Report(t).Certificates, "first")
	s.certify(t, "second")
	eventually(t, 5*time.Minute, "every gateway shows the new certificate", func() bool {
		start := s.traffic.Report(t)
		s.traffic.Flow(t, 60)
		seen := s.traffic.Report(t).Since(start).Certificates
		return seen["second"] > 0 && seen["first"] == 0
	})
	require.Equal(t, before, pods(), "no gateway is restarted")
}

// certify puts a certificate of that name into the Secret hooks-tls.
func (s *site) certify(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"penstock-gateway"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	folder := t.TempDir()
	for file, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: certificate}, "tls.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(block), 0o600))
	}
	manifest := filepath.Join(folder, "secret.yaml")
	text := s.kubectl(t, "create", "secret", "tls", "hooks-tls", "--cert", filepath.Join(folder, "tls.crt"), "--key", filepath.Join(folder, "tls.key"), "--dry-run=client", "-o", "yaml")
	require.NoError(t, os.WriteFile(manifest, []byte(text), 0o600))
	trial.Run(t, time.Minute, "kubectl", "--namespace", s.namespace, "apply", "--filename", manifest)
}
