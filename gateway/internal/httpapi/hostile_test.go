package httpapi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// How long, at most, and how often a test looks whether something has happened.
const (
	waitFor = 10 * time.Second
	tick    = 10 * time.Millisecond
)

// head is the start of a request that an open source takes.
const head = "POST /in/open HTTP/1.1\r\nHost: h\r\n"

func TestTenMegabytesAreTooLargeHoweverTheyCome(t *testing.T) {
	t.Parallel()
	p, published := sources(t, "open: {open: true}")
	for name, o := range map[string]option{"over TLS and HTTP/2": quietLog, "in clear": clearText} {
		b := setup(t, p, o)
		declared := bytes.NewReader(make([]byte, 10<<20))
		chunked := io.MultiReader(bytes.NewReader(make([]byte, 10<<20))) // hides the length
		for _, body := range []io.Reader{declared, chunked} {
			res := b.do(t, http.MethodPost, "/in/open", body)
			requireProblem(t, ingest.KindTooLarge, res)
		}
		res := b.do(t, http.MethodPost, "/in/open", strings.NewReader("{}"))
		require.Equal(t, http.StatusAccepted, res.status, name)
	}
	require.EqualValues(t, 2, published.confirmed.Load())
}

// When net/http hangs up on bytes that it did not read, the kernel drops the answer
// half a second later, read or not.
//
//nolint:paralleltest // on a busy machine half a second is too short to read it
func TestBrokenRequestsGetTheirStatus(t *testing.T) {
	p, published := sources(t, "open: {open: true}")
	b := setup(t, p, clearText)
	for name, tc := range map[string]struct {
		text   string
		status int
	}{
		"a chunk length that is none":     {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400},
		"a chunk length that overflows":   {head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n", 400},
		"a chunk without its end":         {head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n", 400},
		"an unknown transfer coding":      {head + "Transfer-Encoding: gzip\r\n\r\n{}", 501},
		"two lengths that differ":         {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
		"a negative length":               {head + "Content-Length: -2\r\n\r\n{}", 400},
		"a length that overflows":         {head + "Content-Length: 99999999999999999999\r\n\r\n{}", 400},
		"no host":                         {"POST /in/open HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400},
		"two hosts":                       {head + "Host: other\r\nContent-Length: 2\r\n\r\n{}", 400},
		"a space before the colon":        {head + "Content-Length : 2\r\n\r\n{}", 400},
		"a control character in a header": {head + "X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}", 400},
		"a path that is not one":          {"POST /in/%zz HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", 400},
		"an encoded slash in the name":    {"POST /in/open%2Fx HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", 404},
		"a path that climbs":              {"POST /in/../in/open HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", 404},
		"an unknown expectation":          {head + "Expect: miracle\r\nContent-Length: 2\r\n\r\n{}", 417},
		"a header beyond the limit":       {head + "X-Long: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", 431},
		"many headers beyond the limit":   {head + strings.Repeat("X-A: b\r\n", 8<<10) + "\r\n", 431},
		"a request line beyond the limit": {"POST /in/open?" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
		"a question about the server":     {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 404},
		"no HTTP at all":                  {"NONSENSE!!\r\n\r\n", 400},
		"a version from the future":       {"POST /in/open HTTP/4.0\r\nHost: h\r\n\r\n", 505},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.status, b.raw(t, tc.text).status) })
	}
	require.Zero(t, published.confirmed.Load())
	requireAlive(t, b)
}

func requireAlive(t *testing.T, b *bundle) {
	t.Helper()
	res := b.do(t, http.MethodPost, "/in/open", strings.NewReader("{}"))
	require.Equal(t, http.StatusAccepted, res.status)
}

func TestABodyIsNotAskedForWhenTheHeaderDecides(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true, maxBody: 10B}")
	b := setup(t, p, clearText)
	res := b.raw(t, head+"Expect: 100-continue\r\nContent-Length: 11\r\n\r\n")
	require.Equal(t, http.StatusRequestEntityTooLarge, res.status)
	res = b.raw(t, head+"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	require.Equal(t, http.StatusContinue, res.status)
}

func TestASlowBodyTimesOut(t *testing.T) {
	t.Parallel()
	p, published := sources(t, "open: {open: true}")
	b := setup(t, p, clearText, quick)
	conn := b.dial(t)
	_, err := io.WriteString(conn, head+"Content-Length: 1000\r\n\r\n")
	require.NoError(t, err)
	trickle := time.NewTicker(50 * time.Millisecond) // always something, never enough
	defer trickle.Stop()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-trickle.C:
				_, _ = io.WriteString(conn, "x")
			case <-stop:
				return
			}
		}
	})
	res := next(t, bufio.NewReader(conn))
	close(stop)
	wg.Wait()
	require.Equal(t, http.StatusRequestTimeout, res.status)
	require.True(t, res.last)
	require.Zero(t, published.confirmed.Load())
}

func TestASlowBodyTimesOutOverHTTP2(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true}")
	b := setup(t, p, quick)
	reader, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	go func() { _, _ = writer.Write([]byte("{")) }()
	res := b.do(t, http.MethodPost, "/in/open", reader)
	requireProblem(t, ingest.KindTimeout, res)
}

func TestAThousandSlowConnectionsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true}")
	b := setup(t, p, clearText, quick)
	starts := []string{"", "POST", head, head + "X-A: ", head + "Content-Length: 100000\r\n\r\n{", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"}
	conns := make([]io.Reader, 1000)
	for i := range conns {
		conn := b.dial(t)
		_, err := io.WriteString(conn, starts[i%len(starts)])
		require.NoError(t, err)
		conns[i] = conn
	}
	requireAlive(t, b)
	// Each is answered, or cut off without an answer, and none stays.
	for i, conn := range conns {
		text, _ := io.ReadAll(conn) // a reset connection has ended too
		if strings.Contains(starts[i%len(starts)], "\r\n\r\n") {
			require.Contains(t, string(text), "408 Request Timeout", i)
		}
	}
	b.client.CloseIdleConnections() // the server is about to close it, too: it was idle for as long as the others were slow
	requireAlive(t, b)
}

func TestManyRequestsAtOnceAreAllAnswered(t *testing.T) {
	t.Parallel()
	p, published := sources(t, "open: {open: true}")
	b := setup(t, p)
	requireAlive(t, b) // the first connection, which the others then share: it takes 250 streams
	const many = 200
	var wg sync.WaitGroup
	failed := make(chan string, many)
	for range many {
		wg.Go(func() {
			if status, err := b.post(t.Context()); status != http.StatusAccepted {
				failed <- fmt.Sprint(status, err)
			}
		})
	}
	wg.Wait()
	close(failed)
	for failure := range failed {
		require.Fail(t, failure)
	}
	require.EqualValues(t, many+1, published.confirmed.Load())
}
