package deliver_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADestinationIsFollowedToWhereItsNameLeads(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "0.0.0.0:0")
	require.NoError(t, err)
	reached := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		host, _, _ := net.SplitHostPort(address.String())
		reached <- host
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)

	n := newNameserver(t)
	n.say("127.0.0.1")
	d := named(t, n, port, true)
	require.NoError(t, handle(t, d, sample()))
	require.Equal(t, "127.0.0.1", <-reached)
	n.say("127.0.0.2")
	require.NoError(t, handle(t, d, sample()))
	require.Equal(t, "127.0.0.1", <-reached, "the connection is kept for a while")
	d.AgeConnections()
	require.NoError(t, handle(t, d, sample()))
	require.Equal(t, "127.0.0.2", <-reached)
}
