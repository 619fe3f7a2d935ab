package notify_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mailServer is a fake that takes mail over TLS only, from a user with a password.
type mailServer struct {
	listener net.Listener
	config   *tls.Config
	implicit bool

	mu    sync.Mutex
	mails []string
	clear []string // commands that came without TLS
}

// newMailServer starts one with the certificate of a channel.
func newMailServer(t *testing.T, c *channel, implicit bool) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m := &mailServer{listener: listener, config: c.server.TLS.Clone(), implicit: implicit}
	m.config.NextProtos = nil
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { m.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return m
}

func (m *mailServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	secure := m.implicit
	if secure {
		conn = tls.Server(conn, m.config)
	}
	lines := textproto.NewReader(bufio.NewReader(conn))
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 mail")
	for {
		line, err := lines.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if !secure {
			m.note(&m.clear, verb)
		}
		switch {
		case verb == "EHLO" && secure:
			say("250-mail\r\n250 AUTH PLAIN")
		case verb == "EHLO":
			say("250-mail\r\n250 STARTTLS")
		case verb == "STARTTLS":
			say("220 go")
			conn, secure = tls.Server(conn, m.config), true
			lines = textproto.NewReader(bufio.NewReader(conn))
		case verb == "AUTH" && !strings.HasSuffix(line, base64.StdEncoding.EncodeToString([]byte("\x00penstock\x00p4ss"))):
			say("535 no")
		case verb == "AUTH":
			say("235 yes")
		case verb == "DATA":
			say("354 go on")
			body, err := lines.ReadDotBytes()
			if err != nil {
				return
			}
			m.note(&m.mails, string(body))
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

func (m *mailServer) note(list *[]string, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*list = append(*list, text)
}

func TestMailIsSentOverTLSOnly(t *testing.T) {
	t.Parallel()
	for way, implicit := range map[string]bool{"starttls": false, "implicit": true} {
		b, c := setup(t), newChannel(t)
		m := newMailServer(t, c, implicit)
		n := b.notifier(fmt.Sprintf(`  channels: {mail: {email: {server: "%s", tls: %s, from: "Penstock <penstock@example.com>", to: [ops@example.com], username: penstock, password: "${PASSWORD}"}, caFile: %s}}`,
			m.listener.Addr(), way, c.ca))
		b.fail(1, "the customer Ann is unknown")
		b.look(n)
		require.Len(t, m.mails, 1, way)
		header, body, found := strings.Cut(m.mails[0], "\n\n")
		require.True(t, found)
		require.Contains(t, header, "Subject: Penstock: Opened: Deliveries of route invoices fail: rejected, HTTP 422")
		require.Contains(t, header, "Message-ID: <mail-1-")
		text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", ""))
		require.NoError(t, err)
		require.Contains(t, string(text), "https://penstock.example/console/incidents/"+b.only().ID)
		require.NotContains(t, string(text), "Ann")
		require.Subset(t, []string{"EHLO", "STARTTLS"}, m.clear, "nothing else goes without TLS")
	}
}

func TestAMailServerThatIsNotTrustedGetsNothing(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	m := newMailServer(t, c, false)
	n := b.notifier(fmt.Sprintf(`  channels: {mail: {email: {server: "%s", from: a@example.com, to: [ops@example.com]}}}`, m.listener.Addr()))
	_, err := n.Test(t.Context(), "mail")
	require.ErrorContains(t, err, "certificate")
	require.Empty(t, m.mails)
}
