package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
)

// open opens a bare connection, over TLS where the server has that.
func (b *bundle) open(t testing.TB) net.Conn {
	t.Helper()
	conn := b.dial(t)
	if strings.HasPrefix(b.base, "https:") {
		return tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	return conn
}

// uploads are the ways to frame a body of some MiB.
var uploads = map[string]func(io.Writer, []byte) error{
	"declared": func(w io.Writer, body []byte) error {
		_, err := fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
		return err
	},
	"chunked": func(w io.Writer, body []byte) error {
		_, err := fmt.Fprintf(w, "%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, len(body), body)
		return err
	},
}

// Most clients send the whole body before they look for an answer, as Python's
// http.client does.
func TestARefusalIsReadByASenderThatSendsItsWholeBodyFirst(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("x"), 20<<20)
	for kind := range httpapi.Problems() {
		for name, o := range map[string]option{"TLS": quietLog, "clear": clearText} {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				t.Parallel()
				b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
					return nil, &ingest.Refusal{Kind: kind}
				}), o)
				for how, upload := range uploads {
					conn := b.open(t)
					require.NoError(t, upload(conn, body), how)
					requireProblem(t, kind, next(t, bufio.NewReader(conn)))
				}
			})
		}
	}
}

func TestA413NamesTheLimit(t *testing.T) {
	t.Parallel()
	p, _ := sources(t, "open: {open: true, maxBody: 1KiB}")
	b := setup(t, p)
	for _, body := range []io.Reader{strings.NewReader(strings.Repeat("x", 2000)), io.MultiReader(strings.NewReader(strings.Repeat("x", 2000)))} {
		res := b.do(t, http.MethodPost, "/in/open", body)
		requireProblem(t, ingest.KindTooLarge, res)
		var problem httpapi.Problem
		require.NoError(t, json.Unmarshal([]byte(res.body), &problem))
		require.EqualValues(t, 1024, problem.Limit)
		require.Contains(t, problem.Detail, "1024 bytes")
	}
}

func TestARefusedSenderThatNeverEndsIsCutOff(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
		return nil, &ingest.Refusal{Kind: ingest.KindRateLimited}
	}))
	conn := b.open(t)
	_, err := io.WriteString(conn, head+"Transfer-Encoding: chunked\r\n\r\n")
	require.NoError(t, err)
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", 1<<20, bytes.Repeat([]byte("x"), 1<<20))
	for sent := 0; err == nil; sent++ {
		require.Less(t, sent, 128, "MiB were read")
		_, err = conn.Write(chunk)
	}
}

func TestARefusedSenderThatStallsDoesNotHoldUpTheStop(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
		return nil, &ingest.Refusal{Kind: ingest.KindRateLimited}
	}), clearText)
	conn := b.dial(t)
	_, err := io.WriteString(conn, head+"Content-Length: 9999999\r\n\r\n")
	require.NoError(t, err)
	requireProblem(t, ingest.KindRateLimited, next(t, bufio.NewReader(conn)))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, b.Close(ctx))
}

func TestASenderThatWaitsForAWordIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(func(context.Context, *ingest.Request) (*ingest.Answer, error) {
		return nil, &ingest.Refusal{Kind: ingest.KindTooLarge}
	}), clearText)
	conn := b.dial(t)
	_, err := io.WriteString(conn, head+"Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	res := next(t, r)
	requireProblem(t, ingest.KindTooLarge, res)
	require.True(t, res.last)
	_, err = r.ReadByte()
	require.ErrorIs(t, err, io.EOF, "the connection ends, although no body came")
}

// blunt is a sender in Python, with the library that most others there rest on.
const blunt = `
import http.client, ssl, sys, urllib.parse
to = urllib.parse.urlsplit(sys.argv[1])
c = http.client.HTTPSConnection(to.netloc, context=ssl._create_unverified_context(), timeout=60) if to.scheme == "https" else http.client.HTTPConnection(to.netloc, timeout=60)
c.request("POST", "/in/open", body=sys.stdin.buffer.read())
r = c.getresponse()
sys.stdout.write("%d %s" % (r.status, r.read().decode()))
`

// piecewise is the same with a body of unknown length, as a stream has.
var piecewise = strings.Replace(blunt, `body=sys.stdin.buffer.read())`, `body=iter(lambda: sys.stdin.buffer.read(65536), b""), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})`, 1)

func TestOrdinaryClientsReadA413(t *testing.T) {
	t.Parallel()
	curl := []string{"curl", "--silent", "--insecure", "--header", "Expect:", "--data-binary", "@-", "--write-out", "%{http_code}"}
	for name, o := range map[string]option{"TLS": quietLog, "clear": clearText} {
		p, _ := sources(t, "open: {open: true}")
		b := setup(t, p, o)
		for client, args := range map[string][]string{
			"Python":            {"python3", "-c", blunt, b.base},
			"Python, in parts":  {"python3", "-c", piecewise, b.base},
			"curl":              slices.Concat(curl, []string{"--http1.1", b.base + "/in/open"}),
			"curl, in parts":    slices.Concat(curl, []string{"--http1.1", "--header", "Transfer-Encoding: chunked", b.base + "/in/open"}),
			"curl, as it likes": slices.Concat(curl, []string{b.base + "/in/open"}),
		} {
			t.Run(name+", "+client, func(t *testing.T) {
				t.Parallel()
				requireReads413(t, args)
			})
		}
	}
}

// requireReads413 runs a client that sends more than its source takes, and requires that it shows the answer.
func requireReads413(t *testing.T, args []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(bytes.Repeat([]byte("x"), 30<<20)), os.Stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(args[0] + " is not installed")
	}
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "413")
	require.Contains(t, string(out), `"limit":5242880`)
}
