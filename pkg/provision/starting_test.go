package provision_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
)

// A process and its broker start together. Streams that are declared without a policy because
// the management interface is not there yet keep their arguments for ever.
func TestPoliciesWaitForABrokerThatStarts(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	management, err := url.Parse(vhost.Management)
	require.NoError(t, err)
	user := management.User
	management.User = nil
	later := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(management))
	t.Cleanup(later.Close)
	address := later.Listener.Addr().String()
	require.NoError(t, later.Listener.Close()) // nothing listens there yet
	broker, err := url.Parse(vhost.URLs[0])
	require.NoError(t, err)
	broker.Host = starting(t, broker.Host, func() {
		later.Listener, err = net.Listen("tcp", address)
		later.Start()
	})

	s, ensureErr := provision.Ensure(t.Context(), provision.Access{
		Broker: amqpx.Config{URLs: []string{broker.String()}}, Topology: settings.Declare,
		Management: (&url.URL{Scheme: "http", User: user, Host: address}).String(),
	}, kept("7D", 20_000_000))
	require.NoError(t, err)
	require.NoError(t, ensureErr)
	require.NoError(t, s.Bounds)
	requirePolicy(t, vhost, map[string]any{"max-age": "7D", "max-length-bytes": 20_000_000.0})
	http.DefaultClient.CloseIdleConnections()
}

// starting forwards connections to a broker, except the first one, which it closes after it
// has called started.
func starting(t *testing.T, broker string, started func()) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	running.Go(func() {
		for first := true; ; first = false {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			if first {
				started()
				_ = from.Close()
				continue
			}
			running.Go(func() { forward(from, broker) })
		}
	})
	return listener.Addr().String()
}

// forward carries bytes both ways until one side ends.
func forward(from net.Conn, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		_ = from.Close()
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
		})
	}
	both.Wait()
}
