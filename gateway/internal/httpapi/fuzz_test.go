package httpapi_test

import (
	"io"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRequest sends arbitrary bytes: whatever they are, the server answers with a
// status that it means, or hangs up, and lives.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"", "POST /in/open HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
		head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
		"GET /in/open?x=%00 HTTP/1.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x00\x05",
	} {
		f.Add([]byte(seed))
	}
	statuses := []string{"100", "202", "400", "404", "405", "413", "417", "431", "501", "505"}
	p, _ := sources(f, "open: {open: true}")
	b := setup(f, p, clearText, quick)
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn := b.dial(t)
		_, _ = conn.Write(sent) // the server may have hung up already
		_ = conn.(*net.TCPConn).CloseWrite()
		got, _ := io.ReadAll(conn) // a reset is a way to hang up
		if text := string(got); len(text) >= 12 && text[:7] == "HTTP/1." {
			require.True(t, slices.Contains(statuses, text[9:12]), text)
		}
		requireAlive(t, b)
	})
}
