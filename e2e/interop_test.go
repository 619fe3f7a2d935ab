//go:build interop

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// old is longer ago than any provider's window.
const old = -3 * time.Hour

// signer signs a peer's request for a time, with the wrong secret if so asked. It
// returns nil when it cannot sign for that time.
type signer func(t *testing.T, at time.Time, wrong bool) *message

// The packages of the providers are what their customers verify with, and some sign
// too: both must agree with the gateway, and with what Penstock signs.
//
//nolint:tparallel // one process signs and verifies in turn
func TestTheOfficialPackagesAgreeWithTheGateway(t *testing.T) {
	t.Parallel()
	b := startBridge(t)
	peers := b.peers(t)
	s := setup(t, interopConfig(t, peers))
	for i, p := range peers {
		s.env[secretName(i)] = fmt.Sprint(p.Secret)
	}
	s.startGateway()

	table := &verdicts{}
	t.Cleanup(func() { table.report(t) })
	for i, p := range peers { //nolint:paralleltest // as above
		t.Run(p.Name, func(t *testing.T) {
			if p.Signs {
				t.Run("they sign", func(t *testing.T) { //nolint:paralleltest // as above
					table.watch(t, p, "signed by "+orPackage(p.By))
					judge(t, s, b, i, p, func(t *testing.T, at time.Time, wrong bool) *message { return b.sign(t, i, p, at, wrong) })
				})
			}
			if ours := p.signer(t); ours != nil {
				t.Run("we sign", func(t *testing.T) { //nolint:paralleltest // as above
					table.watch(t, p, "signed by penstock")
					judge(t, s, b, i, p, ours)
				})
			}
		})
	}
}

// judge requires of a signer's requests that the package and the gateway take the
// right one, and that both refuse the others.
func judge(t *testing.T, s *stack, b *bridge, n int, p peer, sign signer) {
	t.Helper()
	now := time.Now()
	right := sign(t, now, false)
	require.NotEqual(t, right.Body, right.tampered(p).Body)
	if v := b.verify(t, n, right); !v.Valid {
		require.Fail(t, "the package refuses it", v.Why)
	}
	require.False(t, b.verify(t, n, right.tampered(p)).Valid, "the package takes a tampered body")
	require.False(t, b.verify(t, n, sign(t, now, true)).Valid, "the package takes a wrong secret")

	s.accepts(t, right)
	s.refuses(t, right.tampered(p), "a tampered body")
	s.refuses(t, sign(t, now, true), "a wrong secret")
	switch stale := sign(t, now.Add(old), false); {
	case stale == nil:
	case p.Window:
		s.refuses(t, stale, "a stale timestamp")
	default: // so that a new window does not go unnoticed
		s.accepts(t, stale)
	}
}

func (s *stack) accepts(t *testing.T, m *message) {
	t.Helper()
	a := s.relay(t, m)
	require.Equal(t, 2, a.status/100, "%d %s", a.status, a.body)
	require.NotEmpty(t, a.eventID())
}

func (s *stack) refuses(t *testing.T, m *message, what string) {
	t.Helper()
	require.Equal(t, http.StatusUnauthorized, s.relay(t, m).status, what)
}

// relay sends the message to the peer's source.
func (s *stack) relay(t *testing.T, m *message) answer {
	t.Helper()
	u, err := url.Parse(m.URL)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), m.Method, s.url+u.RequestURI(), strings.NewReader(m.Body))
	require.NoError(t, err)
	for name, value := range m.Headers {
		req.Header.Set(name, value)
	}
	a, err := do(s.client, req)
	require.NoError(t, err)
	return a
}

// signer is Penstock as the signer, or nil where it is none.
func (p peer) signer(t *testing.T) signer {
	t.Helper()
	wrong, symmetric := p.Wrong.(string)
	if !p.Ours || !symmetric {
		require.True(t, p.Signs, "nobody signs")
		return nil
	}
	secrets := map[bool]string{false: fmt.Sprint(p.Secret), true: wrong}
	probe := newMessage(p, time.Now())
	if err := p.sign(probe, secrets[false]); errors.Is(err, provider.ErrNoSigner) {
		require.True(t, p.Signs, "nobody signs")
		return nil
	}
	return func(t *testing.T, at time.Time, wrong bool) *message {
		t.Helper()
		m := newMessage(p, at)
		require.NoError(t, p.sign(m, secrets[wrong]))
		return m
	}
}

// sign signs the message as the command `penstock sign` does.
func (p peer) sign(m *message, secret string) error {
	preset, known := provider.Lookup(p.Provider)
	if !known {
		return fmt.Errorf("there is no preset %s", p.Provider)
	}
	source, err := provider.New(preset, provider.Options{Secrets: []string{secret}, PublicURL: p.url(), Config: p.Config})
	if err != nil {
		return err
	}
	r := &signature.Request{Method: m.Method, PublicURL: p.url(), RawQuery: p.Query, Header: http.Header{}, Body: []byte(m.Body)}
	for name, value := range m.Headers {
		r.Header.Set(name, value)
	}
	if err := source.Sign(r, time.Unix(m.At, 0)); err != nil {
		return err
	}
	m.Body, m.Headers = string(r.Body), map[string]string{}
	for name := range r.Header {
		m.Headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	return nil
}

// interopConfig has a source for every peer. JSON is YAML too.
func interopConfig(t *testing.T, peers []peer) string {
	t.Helper()
	sources, names := map[string]any{}, make([]string, 0, len(peers))
	for i, p := range peers {
		sources[p.Name] = map[string]any{
			"provider": p.Provider, "secrets": []string{"${" + secretName(i) + "}"}, "publicURL": p.url(), "config": p.Config,
		}
		names = append(names, p.Name)
	}
	text, err := json.Marshal(map[string]any{
		"sources":      sources,
		"destinations": map[string]any{"receiver": map[string]any{"url": "RECEIVER"}},
		"routes":       map[string]any{"everything": map[string]any{"from": names, "to": "receiver"}},
	})
	require.NoError(t, err)
	return string(text)
}

func secretName(peer int) string { return fmt.Sprintf("PEER_%d_SECRET", peer) }

func orPackage(name string) string {
	if name == "" {
		return "the package"
	}
	return name
}

// verdicts are the lines of the table that is printed in the end.
type verdicts struct{ lines []string }

// watch adds the test's line when it has ended.
func (v *verdicts) watch(t *testing.T, p peer, direction string) {
	t.Helper()
	t.Cleanup(func() {
		outcome := "agrees"
		if t.Failed() {
			outcome = "FAILED"
		}
		v.lines = append(v.lines, strings.Join([]string{p.Package, p.Version, p.Name, direction, outcome}, "\t"))
	})
}

// report writes the table to the file that PENSTOCK_INTEROP_REPORT names.
func (v *verdicts) report(t *testing.T) {
	t.Helper()
	path := os.Getenv("PENSTOCK_INTEROP_REPORT")
	if path == "" {
		return
	}
	file, err := os.Create(path)
	require.NoError(t, err)
	slices.Sort(v.lines)
	w := tabwriter.NewWriter(file, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "PACKAGE\tVERSION\tSOURCE\tDIRECTION\tVERDICT")
	for _, line := range v.lines {
		_, _ = fmt.Fprintln(w, line)
	}
	require.NoError(t, w.Flush())
	require.NoError(t, file.Close())
}
