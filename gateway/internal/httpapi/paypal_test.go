package httpapi_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// PayPal signs the time, and of the body a checksum alone: with an old signature anybody could send
// any body for ever.
func TestHostileRequestsWithAnOldSignatureOfPayPalAreRefused(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "paypal.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))
	pipeline, published := sources(t, "paypal: {provider: paypal, secrets: ['file:"+file+"'], config: {webhook_id: W1}}")
	b := setup(t, pipeline, quietLog)

	send := func(body string, age time.Duration) int {
		at := time.Now().Add(-age).UTC().Format(time.RFC3339)
		digest := sha256.Sum256(fmt.Appendf(nil, "T1|%s|W1|%d", at, crc32.ChecksumIEEE([]byte(body))))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		require.NoError(t, err)
		return b.send(t, http.MethodPost, "/in/paypal", body, http.Header{
			"Paypal-Transmission-Id": {"T1"}, "Paypal-Transmission-Time": {at}, "Paypal-Auth-Algo": {"SHA256withRSA"},
			"Paypal-Transmission-Sig": {base64.StdEncoding.EncodeToString(sig)},
		}).status
	}
	require.Equal(t, http.StatusOK, send(`{"id":"WH-1"}`, 0))
	require.Equal(t, http.StatusOK, send(`{"id":"WH-2"}`, 72*time.Hour), "the last retry")
	require.Equal(t, http.StatusUnauthorized, send(`{"id":"WH-3"}`, 75*time.Hour))
	require.EqualValues(t, 2, published.confirmed.Load())
}
