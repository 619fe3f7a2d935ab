package httpapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	proxyproto "github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
)

// behind trusts proxies in the network.
func behind(network string) option {
	return func(o *httpapi.Options) {
		o.Settings.ProxyProtocol, o.Settings.TrustedProxies = true, []string{network}
	}
}

// echoRemote answers with the sender's address.
func echoRemote(_ context.Context, r *ingest.Request) (*ingest.Answer, error) {
	return &ingest.Answer{Status: 200, Body: []byte(r.Remote.String())}, nil
}

const forged = "POST /in/a HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nContent-Length: 0\r\n\r\n"

func TestATrustedProxySaysWhoTheSenderIs(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText, behind("127.0.0.0/8"))
	for version := byte(1); version <= 2; version++ {
		conn := b.dial(t)
		header := proxyproto.HeaderProxyFromAddrs(version,
			&net.TCPAddr{IP: net.ParseIP("198.51.100.9"), Port: 1}, &net.TCPAddr{IP: net.ParseIP("203.0.113.1"), Port: 443})
		_, err := header.WriteTo(conn)
		require.NoError(t, err)
		require.Equal(t, "198.51.100.9", ask(t, conn))
	}
}

func ask(t *testing.T, conn net.Conn) string {
	t.Helper()
	_, err := io.WriteString(conn, forged)
	require.NoError(t, err)
	return next(t, bufio.NewReader(conn)).body
}

func TestATrustedProxyMustSayWhoTheSenderIs(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText, behind("127.0.0.0/8"))
	conn := b.dial(t)
	_, err := io.WriteString(conn, forged)
	require.NoError(t, err)
	text, _ := io.ReadAll(conn) // a reset connection has ended too
	require.Empty(t, text)
}

func TestAStrangersProxyHeaderIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText, behind("10.0.0.0/8"))
	res := b.raw(t, "PROXY TCP4 198.51.100.9 203.0.113.1 1 443\r\n"+forged)
	require.Equal(t, http.StatusBadRequest, res.status)
	require.Equal(t, "127.0.0.1", ask(t, b.dial(t)))
}

func TestNoHeaderFieldChangesTheSendersAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText)
	require.Equal(t, "127.0.0.1", ask(t, b.dial(t)))
}
