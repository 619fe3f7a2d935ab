package deliver_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
)

// egress is a proxy that leads everything to one address, and remembers what it was asked for.
type egress struct {
	*httptest.Server

	mu    sync.Mutex
	asked []string // method, target and Proxy-Authorization
}

func newEgress(t *testing.T, leadsTo string) *egress {
	t.Helper()
	e := new(egress)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.asked = append(e.asked, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization")))
		e.mu.Unlock()
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		to, err := new(net.Dialer).DialContext(r.Context(), "tcp", leadsTo)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = to.Close() }()
		w.WriteHeader(http.StatusOK)
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = from.Close() }()
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		_, _ = io.Copy(from, to)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *egress) requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// through is a destination behind the proxy.
func (e *egress) through(url string) *config.Destination {
	d := settings(url)
	d.Proxy = config.NewSecret("http://penstock:s3cret@" + strings.TrimPrefix(e.URL, "http://"))
	return d
}

func TestRequestsGoThroughTheProxyThatTheDestinationNames(t *testing.T) {
	t.Parallel()
	proxy := newEgress(t, "")
	require.NoError(t, handle(t, destination(t, proxy.through("http://127.0.0.9:81/hooks")), sample()))
	require.Equal(t, []string{"POST http://127.0.0.9:81/hooks Basic cGVuc3RvY2s6czNjcmV0"}, proxy.requests())
}

func TestHTTP2IsSpokenThroughAProxy(t *testing.T) {
	t.Parallel()
	protocol := make(chan string, 1)
	server := startTLS(t, nil, func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto })
	proxy := newEgress(t, server.Listener.Addr().String())
	d := proxy.through(server.URL)
	d.CAFile = authorityOf(t, server)
	require.NoError(t, handle(t, destination(t, d), sample()))
	require.Equal(t, "HTTP/2.0", <-protocol)
	require.Equal(t, []string{"CONNECT " + server.Listener.Addr().String() + " Basic cGVuc3RvY2s6czNjcmV0"}, proxy.requests())
}

func TestTheGuardLooksAtTheTargetBehindAProxy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url          string
		allowPrivate bool
	}{
		{"http://169.254.169.254/latest", true}, {"https://169.254.169.254/latest", true}, {"http://[fd00:ec2::254]/", true},
		{"http://10.0.0.1/", false}, {"http://localhost:81/", false}, {"https://[64:ff9b::a9fe:a9fe]/", true},
	} {
		proxy := newEgress(t, "")
		d := proxy.through(tc.url)
		d.AllowPrivate = tc.allowPrivate
		require.Equal(t, fault.ReasonForbidden, fault.ReasonOf(handle(t, destination(t, d), sample())), tc.url)
		require.Empty(t, proxy.requests(), tc.url)
	}
}

func TestAProxyMayBePrivateWhereTheTargetMayNot(t *testing.T) {
	t.Parallel()
	proxy := newEgress(t, "")
	d := proxy.through("http://8.8.8.8/hooks")
	d.AllowPrivate = false
	require.NoError(t, handle(t, destination(t, d), sample()))
}

func TestTokensAreFetchedThroughTheProxy(t *testing.T) {
	t.Parallel()
	proxy := newEgress(t, "")
	d := proxy.through("http://127.0.0.9:81/hooks")
	d.OAuth2 = newTokenServer(t).client("s3cret")
	require.Equal(t, fault.ReasonToken, fault.ReasonOf(handle(t, destination(t, d), sample())))
	require.Contains(t, proxy.requests()[0], "POST "+d.OAuth2.TokenURL)
}

func TestAProxyThatIsAwayIsNoAnswer(t *testing.T) {
	t.Parallel()
	proxy := newEgress(t, "")
	d := destination(t, proxy.through("http://127.0.0.9:81/hooks"))
	proxy.Close()
	err := handle(t, d, sample())
	require.Equal(t, fault.ReasonConnection, fault.ReasonOf(err))
	require.NotContains(t, err.Error(), "s3cret")
}
