package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	proxyproto "github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
)

// reportedIn believes the header field of proxies in the networks.
func reportedIn(field string, networks ...string) option {
	return func(o *httpapi.Options) {
		o.Settings.ClientAddressHeader, o.Settings.TrustedProxies = field, networks
	}
}

// askWith sends a request with further header fields, and returns the sender's address as the gateway sees it.
func askWith(t *testing.T, conn net.Conn, fields ...string) string {
	t.Helper()
	_, err := fmt.Fprintf(conn, "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n%s\r\n", strings.Join(append(fields, ""), "\r\n"))
	require.NoError(t, err)
	return next(t, bufio.NewReader(conn)).body
}

func TestATrustedProxyReportsTheSenderInAHeaderField(t *testing.T) {
	t.Parallel()
	const itself = "127.0.0.1"
	for field, cases := range map[string]map[string]string{
		"X-Forwarded-For": {
			"":                                                          itself, // a probe of the proxy
			"X-Forwarded-For: 198.51.100.9":                             "198.51.100.9",
			"x-forwarded-for:198.51.100.9:4711":                         "198.51.100.9",
			"X-Forwarded-For: 2001:db8::9":                              "2001:db8::9",
			"X-Forwarded-For: [2001:db8::9]:4711":                       "2001:db8::9",
			"X-Forwarded-For: ::ffff:198.51.100.9":                      "198.51.100.9",
			"X-Forwarded-For: 9.9.9.9, 198.51.100.9, 10.1.2.3":          "198.51.100.9", // the sender claims 9.9.9.9
			"X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 198.51.100.9": "198.51.100.9",
			"X-Forwarded-For: 10.0.0.1, 10.1.2.3":                       "10.0.0.1", // a sender of our own network
			"X-Forwarded-For: nonsense, 198.51.100.9":                   "198.51.100.9",
			"X-Forwarded-For: 9.9.9.9, nonsense":                        itself,
			"X-Forwarded-For: 9.9.9.9, nonsense, 10.1.2.3":              "10.1.2.3", // as far as can be known
			"X-Forwarded-For: 9.9.9.9,":                                 itself,
			"X-Real-IP: 9.9.9.9":                                        itself,
			"Forwarded: for=9.9.9.9":                                    itself,
		},
		"CF-Connecting-IP": {"CF-Connecting-IP: 198.51.100.9\r\nX-Forwarded-For: 9.9.9.9": "198.51.100.9"},
		"Forwarded": {
			"Forwarded: for=198.51.100.9;proto=https;by=10.0.0.1":           "198.51.100.9",
			`Forwarded: for=9.9.9.9, For="[2001:db8::9]:4711"`:              "2001:db8::9",
			`Forwarded: for="9.9.9.9, for=198.51.100.9, for=10.1.2.3;by=_x`: "198.51.100.9", // an open quotation hides nothing
			"Forwarded: for=unknown":                                        itself,
			"Forwarded: for=_hidden, for=10.1.2.3":                          "10.1.2.3",
		},
	} {
		b := setup(t, pipeline(echoRemote), clearText, reportedIn(field, "127.0.0.0/8", "10.0.0.0/8"))
		for sent, want := range cases {
			require.Equal(t, want, askWith(t, b.dial(t), strings.Split(sent, "\r\n")...), "%s: %q", field, sent)
		}
	}
}

func TestAHeaderFieldOfAStrangerIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText, reportedIn("X-Forwarded-For", "10.0.0.0/8"))
	require.Equal(t, "127.0.0.1", askWith(t, b.dial(t), "X-Forwarded-For: 10.0.0.1"))
}

func TestTheHeaderFieldCountsBehindTheProxyProtocolToo(t *testing.T) {
	t.Parallel()
	b := setup(t, pipeline(echoRemote), clearText, reportedIn("X-Forwarded-For", "127.0.0.0/8", "192.0.2.0/24"), func(o *httpapi.Options) { o.Settings.ProxyProtocol = true })
	for from, want := range map[string]string{"192.0.2.1": "198.51.100.9", "203.0.113.5": "203.0.113.5"} {
		conn := b.dial(t)
		header := proxyproto.HeaderProxyFromAddrs(2, &net.TCPAddr{IP: net.ParseIP(from), Port: 1}, &net.TCPAddr{IP: net.ParseIP("203.0.113.1"), Port: 443})
		_, err := header.WriteTo(conn)
		require.NoError(t, err)
		require.Equal(t, want, askWith(t, conn, "X-Forwarded-For: 198.51.100.9"))
	}
}

// FuzzSender looks for a field of a stranger's making that hides the address that the
// trusted proxy wrote behind it.
func FuzzSender(f *testing.F) {
	for _, seed := range []string{"9.9.9.9", `"`, "for=1.2.3.4;", ",", `for="[`, "10.0.0.1"} {
		f.Add(seed)
	}
	b := setup(f, pipeline(echoRemote), clearText, reportedIn("X-Forwarded-For", "127.0.0.0/8"))
	f.Fuzz(func(t *testing.T, claimed string) {
		conn := b.dial(t)
		_, err := io.WriteString(conn, "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nX-Forwarded-For: "+clean(claimed)+", 198.51.100.9\r\n\r\n")
		require.NoError(t, err)
		require.Equal(t, "198.51.100.9", next(t, bufio.NewReader(conn)).body)
	})
}

// clean drops what is no part of a field's value in HTTP.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}
