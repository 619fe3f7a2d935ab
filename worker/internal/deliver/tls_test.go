package deliver_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/deliver"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func TestATrustedAuthorityAndHTTP2(t *testing.T) {
	t.Parallel()
	protocol := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)

	d := settings(server.URL)
	d.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	require.NoError(t, os.WriteFile(d.CAFile, pem.EncodeToMemory(block), 0o600))
	require.NoError(t, handle(t, destination(t, d), sample()))
	require.Equal(t, "HTTP/2.0", <-protocol)
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
