package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// withOpenSource adds a source that anybody may send to, so that a refusal is
// never one of the signature.
const withOpenSource = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  open: {open: true, maxBody: 5MiB}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github, open], to: receiver}
`

//nolint:tparallel // one gateway answers the cases in turn, and must live after the last
func TestBadRequestsGetTheRightStatus(t *testing.T) {
	t.Parallel()
	s := setup(t, withOpenSource)
	gateway := s.startGateway()
	const big = 10 << 20

	//nolint:paralleltest // as above
	for name, tc := range map[string]struct {
		method, path string
		body         io.Reader
		length       int64 // -1: chunked
		want         int
	}{
		"wrong method":                     {http.MethodGet, "/in/github", nil, 0, http.StatusMethodNotAllowed},
		"another wrong method":             {http.MethodDelete, "/in/open", nil, 0, http.StatusMethodNotAllowed},
		"unknown source":                   {http.MethodPost, "/in/nobody", strings.NewReader("{}"), 2, http.StatusNotFound},
		"no source":                        {http.MethodPost, "/in/", strings.NewReader("{}"), 2, http.StatusNotFound},
		"another path":                     {http.MethodPost, "/", strings.NewReader("{}"), 2, http.StatusNotFound},
		"no body and no signature":         {http.MethodPost, "/in/github", nil, 0, http.StatusUnauthorized},
		"no body to an open source":        {http.MethodPost, "/in/open", nil, 0, http.StatusAccepted},
		"10 MB with Content-Length":        {http.MethodPost, "/in/open", zeros(big), big, http.StatusRequestEntityTooLarge},
		"10 MB chunked":                    {http.MethodPost, "/in/open", zeros(big), -1, http.StatusRequestEntityTooLarge},
		"26 MiB chunked and unsigned":      {http.MethodPost, "/in/github", zeros(26 << 20), -1, http.StatusRequestEntityTooLarge},
		"a small chunked body is accepted": {http.MethodPost, "/in/open", zeros(100), -1, http.StatusAccepted},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tc.method, s.url+tc.path, tc.body)
			require.NoError(t, err)
			req.ContentLength = tc.length
			a, err := do(s.client, req)
			require.NoError(t, err)
			require.Equal(t, tc.want, a.status, a.body)
			if a.status >= 400 {
				require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
			}
			if a.status == http.StatusMethodNotAllowed {
				require.Equal(t, "POST", a.header.Get("Allow"))
			}
		})
	}
	require.True(t, gateway.alive())
	s.accept(newGithubEvent(1))
}

// zeros is a body of that many bytes whose length the client cannot see.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

//nolint:tparallel // as above
func TestBrokenChunkingIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, withOpenSource)
	gateway := s.startGateway()
	//nolint:paralleltest // as above
	for name, chunks := range map[string]string{
		"not a length":       "zz\r\nhello\r\n0\r\n\r\n",
		"a huge length":      "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
		"a negative length":  "-5\r\nhello\r\n0\r\n\r\n",
		"no line break":      "5\r\nhelloXX0\r\n\r\n",
		"both lengths given": "5\r\nhello\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			extra := ""
			if name == "both lengths given" {
				extra = "Transfer-Encoding: identity\r\n"
			}
			status := s.raw("POST /in/open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + extra + "\r\n" + chunks)
			require.True(t, status == http.StatusBadRequest || status == http.StatusNotImplemented, "status %d", status)
		})
	}
	require.True(t, gateway.alive())
	s.accept(newGithubEvent(1))
}

// raw sends these bytes over TLS and returns the status of the answer.
func (s *stack) raw(text string) int {
	s.t.Helper()
	conn := s.dial()
	defer func() { _ = conn.Close() }()
	_, err := io.WriteString(conn, text)
	require.NoError(s.t, err)
	require.NoError(s.t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(s.t, err)
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

func (s *stack) dial() net.Conn {
	s.t.Helper()
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}}
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(s.url, "https://"))
	require.NoError(s.t, err)
	return conn
}

func TestAThousandSlowConnectionsHinderNobody(t *testing.T) {
	t.Parallel()
	s := setup(t, withOpenSource)
	gateway := s.startGateway()

	slow := s.openSlowly(1000)
	for n := range 20 {
		s.accept(newGithubEvent(n))
	}
	require.True(t, gateway.alive())
	require.Equal(t, http.StatusOK, gateway.status("/readyz"))
	for _, conn := range slow {
		_ = conn.Close()
	}
}

// openSlowly opens connections of which half never end their headers, and half
// never end their bodies.
func (s *stack) openSlowly(n int) []net.Conn {
	s.t.Helper()
	var mu sync.Mutex
	var conns []net.Conn
	var all sync.WaitGroup
	for worker := range 10 {
		all.Go(func() {
			for i := range n / 10 {
				conn := s.dial()
				text := "POST /in/open HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
				if (worker+i)%2 == 0 {
					text += "\r\nbegin"
				}
				_, err := fmt.Fprint(conn, text)
				if err != nil {
					s.t.Error(err)
				}
				mu.Lock()
				conns = append(conns, conn)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return conns
}
