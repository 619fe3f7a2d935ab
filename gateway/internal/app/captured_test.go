package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

const waiting = `
sources:
  asana: {provider: asana, pending: true}
  notion: {provider: notion, pending: true}
destinations:
  nowhere: {url: "https://nowhere.example"}
routes:
  all: {from: [asana, notion], to: nowhere}
`

// sendTo posts to a source, with one header field or none.
func (b *bundle) sendTo(source, body string, header ...string) reply {
	url := fmt.Sprintf("http://%s/in/%s", b.Addr(), source)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err == nil && len(header) == 2 {
		req.Header.Set(header[0], header[1])
	}
	return b.send(req, err)
}

// read returns the secret that the operator reads, which is there once.
func (b *bundle) read(t *testing.T, source string) string {
	t.Helper()
	page := b.admin("/captured/" + source)
	require.Equal(t, http.StatusOK, page.status, page.body)
	var shown struct {
		Secret string `json:"secret"`
	}
	require.NoError(t, json.Unmarshal([]byte(page.body), &shown))
	require.Equal(t, http.StatusNotFound, b.admin("/captured/"+source).status)
	return shown.Secret
}

// settle puts the secret into the configuration and leaves pending out.
func (b *bundle) settle(t *testing.T, secrets map[string]string) {
	t.Helper()
	text := waiting
	for source, secret := range secrets {
		file := filepath.Join(t.TempDir(), source)
		require.NoError(t, os.WriteFile(file, []byte(secret), 0o600))
		text = strings.Replace(text, source+", pending: true", source+`, secrets: ["file:`+file+`"]`, 1)
	}
	require.NoError(t, os.WriteFile(b.config, []byte(text), 0o600))
}

func hexMAC(key, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestAHandshakesSecretIsReadOnceAndThenVerifiesEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.Broker(t), waiting).ready(t)
	asana, notion := "b537207f20cbfa02357cf448134da559", "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"

	r := b.sendTo("asana", "{}", "X-Hook-Secret", asana)
	require.Equal(t, http.StatusOK, r.status)
	require.Equal(t, asana, r.header.Get("X-Hook-Secret"))
	require.Equal(t, http.StatusOK, b.sendTo("notion", `{"verification_token":"`+notion+`"}`).status)

	events := map[string]func() reply{
		"asana": func() reply {
			return b.sendTo("asana", `{"events":[]}`, "X-Hook-Signature", hexMAC(asana, `{"events":[]}`))
		},
		"notion": func() reply {
			return b.sendTo("notion", `{"id":"1"}`, "X-Notion-Signature", "sha256="+hexMAC(notion, `{"id":"1"}`))
		},
	}
	for source, event := range events {
		require.Equal(t, http.StatusUnauthorized, event().status, source)
	}
	b.settle(t, map[string]string{"asana": b.read(t, "asana"), "notion": b.read(t, "notion")})
	for source, event := range events {
		require.Eventually(t, func() bool { return event().status == http.StatusOK }, waitFor, tick, source)
		require.Equal(t, http.StatusNotFound, b.admin("/captured/"+source).status)
	}
	require.Contains(t, b.admin("/metrics").body, `penstock_handshakes_total{kind="secret",source="notion"} 1`)
}
