package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const appleConfig = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  apple: {provider: apple-appstore, config: {bundle_ids: com.example}}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github, apple], to: receiver}
`

// forgedChain is a chain of certificates with RSA keys of that many bits, which are nobody's. All but
// the first have one name, and are by that name: each could have signed the first. Each signature
// has the size of the keys, and so must be calculated to see that it is wrong.
func forgedChain(t *testing.T, n, bits int) [][]byte {
	t.Helper()
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: "Apple Worldwide Developer Relations"}}
	subject := pkix.Name{CommonName: "Prod ECC Mac App Store"}
	chain := make([][]byte, n)
	for i := range chain {
		modulus := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		public := &rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(int64(2*i+1))), E: 1<<31 - 1}
		der, err := x509.CreateCertificate(rand.Reader, forgedCertificate(i, subject), parent, public, signer)
		require.NoError(t, err)
		chain[i] = resigned(t, der, bits/8)
		subject = parent.Subject
	}
	return chain
}

// forgedCertificate has the marks of Apple.
func forgedCertificate(serial int, subject pkix.Name) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(int64(serial + 1)), Subject: subject, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtraExtensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 11, 1}, Value: []byte{5, 0}},
			{Id: asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 2, 1}, Value: []byte{5, 0}},
		},
	}
}

// resigned is a certificate with another signature, of that many bytes.
func resigned(t *testing.T, der []byte, size int) []byte {
	t.Helper()
	var certificate struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, err := asn1.Unmarshal(der, &certificate)
	require.NoError(t, err)
	sig := make([]byte, size)
	_, err = rand.Read(sig[1:])
	require.NoError(t, err)
	certificate.Signature = asn1.BitString{Bytes: sig, BitLength: 8 * size}
	out, err := asn1.Marshal(certificate)
	require.NoError(t, err)
	return out
}

// appleNotice is a notification whose token carries the chain.
func appleNotice(t *testing.T, chain [][]byte) string {
	t.Helper()
	head, err := json.Marshal(map[string]any{"alg": "ES256", "x5c": chain})
	require.NoError(t, err)
	token := base64.RawURLEncoding.EncodeToString(head) + ".e30." + base64.RawURLEncoding.EncodeToString(make([]byte, 64))
	body := `{"signedPayload":"` + token + `"}`
	return post("/in/apple", body, "Content-Type: application/json", length(strconv.Itoa(len(body))))
}

func TestHostileCertificatesTakeNoTime(t *testing.T) {
	t.Parallel()
	s := setup(t, appleConfig)
	gateway := s.startPlainGateway()
	s.accept(newGithubEvent(1))
	for _, size := range []struct{ certificates, bits int }{{5, 300_000}, {4, 28_000}, {4, 4096}, {2, 8192}} {
		text := appleNotice(t, forgedChain(t, size.certificates, size.bits))
		before := gateway.processorTime()
		require.Equal(t, 401, s.provoke(text))
		took := gateway.processorTime() - before
		t.Logf("%d certificates with %d bits, %d KiB: %s of processor time", size.certificates, size.bits, len(text)>>10, took)
		require.Less(t, took, 2*time.Second)
	}
	s.accept(newGithubEvent(2))
}

// processorTime returns how long the process has computed so far.
func (p *process) processorTime() time.Duration {
	p.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	require.NoError(p.t, err)
	_, rest, found := strings.Cut(string(stat), ") ")
	require.True(p.t, found)
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	require.NoError(p.t, err)
	system, err := strconv.Atoi(fields[12])
	require.NoError(p.t, err)
	return time.Duration(user+system) * time.Second / 100 // a tick is a hundredth of a second
}
