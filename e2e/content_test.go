package e2e

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// readable is a configuration with a source for each way of signing a compressed body.
const readable = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  getstream: {provider: getstream, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  bitbucket: {provider: bitbucket, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  nylas: {provider: nylas, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github, getstream, bitbucket, nylas], to: receiver}
`

// sending is one request as its provider makes it.
type sending struct {
	source string
	header map[string]string // besides the signature
	signed string            // what the provider signs
	sent   string            // what travels
}

// request signs and makes the request.
func (m sending) request(t *testing.T, url string) *http.Request {
	t.Helper()
	field := map[string]string{
		"github": "X-Hub-Signature-256", "bitbucket": "X-Hub-Signature", "getstream": "X-Signature", "nylas": "X-Nylas-Signature",
	}[m.source]
	prefix := ""
	if strings.Contains(field, "Hub") {
		prefix = "sha256="
	}
	mac := hmac.New(sha256.New, []byte(githubSecret))
	mac.Write([]byte(m.signed))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/in/"+m.source, bytes.NewReader([]byte(m.sent)))
	require.NoError(t, err)
	req.Header.Set(field, prefix+hex.EncodeToString(mac.Sum(nil)))
	for name, value := range m.header {
		req.Header.Set(name, value)
	}
	return req
}

func compressed(t *testing.T, coding, text string) string {
	t.Helper()
	var out bytes.Buffer
	switch coding {
	case "":
		return text
	case "br":
		w := brotli.NewWriter(&out)
		_, _ = w.Write([]byte(text))
		require.NoError(t, w.Close())
	case "zstd":
		w, err := zstd.NewWriter(&out)
		require.NoError(t, err)
		_, _ = w.Write([]byte(text))
		require.NoError(t, w.Close())
	case "gzip":
		w := gzip.NewWriter(&out)
		_, _ = w.Write([]byte(text))
		require.NoError(t, w.Close())
	case "deflate":
		w := zlib.NewWriter(&out)
		_, _ = w.Write([]byte(text))
		require.NoError(t, w.Close())
	}
	return out.String()
}

func inUTF16(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestABodyIsReadWhicheverWayItIsWrittenAndDeliveredAsItWasSent(t *testing.T) {
	t.Parallel()
	const (
		opened = `{"action":"opened","n":1}`
		form   = "payload=%7B%22action%22%3A%22opened%22%7D"
	)
	s := setup(t, readable)
	s.startGateway()
	s.startDeliverer()
	github := func(delivery, contentType, body string) sending {
		return sending{"github", map[string]string{"X-Github-Event": "issues", "X-Github-Delivery": delivery, "Content-Type": contentType}, body, body}
	}
	plain, zipped, deflated := `{"type":"message.new"}`, compressed(t, "gzip", `{"type":"message.new"}`), compressed(t, "deflate", `{"type":"message.new"}`)
	for name, tc := range map[string]struct {
		sending
		status int
		kind   string
	}{
		"signed before gzip":       {sending{"getstream", map[string]string{"Content-Encoding": "gzip", "X-Webhook-Id": "1"}, plain, zipped}, 200, "message.new"},
		"signed before deflate":    {sending{"getstream", map[string]string{"Content-Encoding": "deflate", "X-Webhook-Id": "2"}, plain, deflated}, 200, "message.new"},
		"signed before brotli":     {sending{"getstream", map[string]string{"Content-Encoding": "br", "X-Webhook-Id": "4"}, plain, compressed(t, "br", plain)}, 200, "message.new"},
		"something after brotli":   {sending{"getstream", map[string]string{"Content-Encoding": "br"}, plain, compressed(t, "br", plain) + "evil"}, 401, ""},
		"not compressed":           {sending{"getstream", map[string]string{"X-Webhook-Id": "3"}, plain, plain}, 200, "message.new"},
		"compressed on the way":    {sending{"bitbucket", map[string]string{"Content-Encoding": "gzip", "X-Event-Key": "repo:push"}, opened, compressed(t, "gzip", opened)}, 200, "repo:push"},
		"signed after gzip":        {sending{"nylas", map[string]string{"Content-Encoding": "gzip"}, zipped, zipped}, 200, "message.new"},
		"the wrong form":           {sending{"nylas", map[string]string{"Content-Encoding": "gzip"}, plain, zipped}, 401, ""},
		"another wrong form":       {sending{"getstream", map[string]string{"Content-Encoding": "gzip"}, zipped, zipped}, 401, ""},
		"something after the gzip": {sending{"getstream", map[string]string{"Content-Encoding": "gzip"}, plain, zipped + "evil"}, 401, ""},
		"an unknown coding":        {sending{"getstream", map[string]string{"Content-Encoding": "rot13"}, plain, plain}, 401, ""},
		"a byte order mark":        {github("bom", "application/json", "\xef\xbb\xbf"+opened), 200, "issues.opened"},
		"UTF-16":                   {github("utf-16", "application/json", inUTF16(opened)), 200, "issues.opened"},
		"a form with a payload":    {github("form", "application/x-www-form-urlencoded", form), 200, "issues.opened"},
		"a form that is broken":    {github("broken", "application/x-www-form-urlencoded", form+"&x=%zz"), 200, "issues"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := do(s.client, tc.request(t, s.url))
			require.NoError(t, err)
			require.Equal(t, tc.status, a.status, a.body)
			if tc.status != http.StatusOK {
				return
			}
			got := s.receiver.await(a.eventID(), 1)[0]
			require.Equal(t, tc.kind, got.header.Get("Penstock-Event-Type"))
			require.Equal(t, tc.header["Content-Encoding"], got.header.Get("Content-Encoding"))
			sameBytes(t, []byte(tc.sent), got.body)
		})
	}
}

func TestACompressedEventThatIsSentAgainIsTheSameEvent(t *testing.T) {
	t.Parallel()
	s := setup(t, readable)
	s.startGateway()
	const body = `{"type":"message.new"}`
	header := map[string]string{"Content-Encoding": "gzip"}
	first, err := do(s.client, sending{"getstream", header, body, compressed(t, "gzip", body)}.request(t, s.url))
	require.NoError(t, err)
	header = map[string]string{"Content-Encoding": "deflate"}
	again, err := do(s.client, sending{"getstream", header, body, compressed(t, "deflate", body)}.request(t, s.url))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, again.status)
	require.Equal(t, first.eventID(), again.eventID(), "its content coding is not signed, so it makes no other event")
}
