package httpapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzRequest sends arbitrary bytes: whatever they are, the server answers with
// HTTP or hangs up, accepts no more than was sent, and lives.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"", "POST /in/open HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
		head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
		"GET /in/open?x=%00 HTTP/1.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x00\x05",
	} {
		f.Add([]byte(seed))
	}
	statuses := []int{100, 202, 400, 404, 405, 408, 413, 417, 431, 501, 505}
	f.Fuzz(func(t *testing.T, sent []byte) {
		p, _ := sources(t, "open: {open: true}")
		b := setup(t, p, clearText, quick)
		conn := b.dial(t)
		_, err := conn.Write(sent)
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		reader := bufio.NewReader(conn)
		if first, err := reader.Peek(5); err == nil && string(first) == "HTTP/" {
			res, err := http.ReadResponse(reader, nil)
			require.NoError(t, err)
			require.True(t, slices.Contains(statuses, res.StatusCode), res.Status)
		}
		require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
		_, _ = io.Copy(io.Discard, reader)
		requireAlive(t, b)
	})
}
