package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A secret that an editor wrote with a byte order mark and a line break verifies what the sender signs.
func TestASecretIsWhatTheSenderHas(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("\ufeffs3cret\r\n"), 0o600))
	pipeline, published := sources(t, "github: {provider: github, secrets: ['file:"+file+"']}")
	b := setup(t, pipeline)
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write([]byte("{}"))
	res := b.do(t, http.MethodPost, "/in/github", strings.NewReader("{}"),
		"X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)), "X-GitHub-Event", "ping", "X-GitHub-Delivery", "1")
	require.Equal(t, http.StatusOK, res.status)
	require.EqualValues(t, 1, published.confirmed.Load())
}
