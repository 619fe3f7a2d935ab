//go:build interop

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bridge is the Node.js process that signs and verifies with the official packages.
type bridge struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// peer is one use of a package, as e2e/interop/README.md describes it.
type peer struct {
	Package, Version, Name, Provider string
	By                               string // who signs, if not the package
	Secret, Wrong                    any    // texts, or private keys, which never get here
	Config, Headers                  map[string]string
	ContentType, Query, Body         string
	Tamper                           [2]string
	Window                           bool // old requests are refused
	Ours                             bool // requests that Penstock signs satisfy the package
	Signs, Verifies                  bool
}

func (p peer) url() string { return "https://hooks.example/in/" + p.Name }

// message is a request as the two sides hand it to each other.
type message struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"` // by names in lower case
	Body    string            `json:"body"`
	At      int64             `json:"at"`    // the time of signing, in Unix seconds
	Wrong   bool              `json:"wrong"` // signed with the wrong secret
}

type verdict struct {
	Valid bool
	Why   string
}

func startBridge(t *testing.T) *bridge {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // a package may hang
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "node", "bridge.mjs")
	cmd.Dir = "interop"
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &bridge{in: in, out: bufio.NewReader(out)}
}

// call asks for one action and reads its answer.
func call[T any](t *testing.T, b *bridge, do string, peer int, request *message) (result T) {
	t.Helper()
	order, err := json.Marshal(map[string]any{"do": do, "peer": peer, "request": request})
	require.NoError(t, err)
	_, err = b.in.Write(append(order, '\n'))
	require.NoError(t, err)
	line, err := b.out.ReadBytes('\n')
	require.NoError(t, err, "the packages ended")
	var answer struct {
		Result T      `json:"result"`
		Error  string `json:"error"`
	}
	require.NoError(t, json.Unmarshal(line, &answer), "%s", line)
	require.Empty(t, answer.Error)
	return answer.Result
}

func (b *bridge) peers(t *testing.T) []peer {
	t.Helper()
	return call[[]peer](t, b, "list", 0, nil)
}

// sign returns nil when the package cannot sign for that time.
func (b *bridge) sign(t *testing.T, n int, p peer, at time.Time, wrong bool) *message {
	t.Helper()
	m := newMessage(p, at)
	m.Wrong = wrong
	signed := call[*message](t, b, "sign", n, m)
	if signed != nil {
		signed.lower()
	}
	return signed
}

func (b *bridge) verify(t *testing.T, n int, m *message) verdict {
	t.Helper()
	return call[verdict](t, b, "verify", n, m)
}

// newMessage is the peer's request before it is signed.
func newMessage(p peer, at time.Time) *message {
	m := &message{Method: "POST", URL: p.url(), Headers: map[string]string{"content-type": p.ContentType}, Body: p.Body, At: at.Unix()}
	if p.Query != "" {
		m.URL += "?" + p.Query
	}
	maps.Copy(m.Headers, p.Headers)
	m.lower()
	return m
}

func (m *message) lower() {
	headers := make(map[string]string, len(m.Headers))
	for name, value := range m.Headers {
		headers[strings.ToLower(name)] = value
	}
	m.Headers = headers
}

// tampered is the message with another body.
func (m *message) tampered(p peer) *message {
	other := *m
	other.Body = strings.Replace(m.Body, p.Tamper[0], p.Tamper[1], 1)
	return &other
}
