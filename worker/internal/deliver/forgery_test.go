package deliver_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// counted starts a receiver on 127.0.0.1 that counts its connections, and returns
// its port.
func counted(t *testing.T) (port string, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	server := httptest.NewUnstartedServer(status(http.StatusOK))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Config.SetKeepAlivesEnabled(false) // each request looks the name up anew
	server.Start()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	return u.Port(), connections
}

func TestTheGuardLooksAtTheAddressAndNotAtHowItIsWritten(t *testing.T) {
	t.Parallel()
	port, connections := counted(t)
	for _, host := range []string{
		"127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "017700000001", "0x7f000001", "0x7f.0.0.1", "127.1", "127.0.0.1.",
		"[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[64:ff9b::7f00:1]", "[::7f00:1]",
	} {
		d := settings("http://" + net.JoinHostPort(unbracket(host), port))
		d.AllowPrivate = false
		// The resolver may know a notation or not. If it does, the guard has its say.
		reason := fault.ReasonOf(handle(t, destination(t, d), sample()))
		require.Contains(t, []fault.Reason{fault.ReasonForbidden, fault.ReasonDNS}, reason, host)
	}
	require.Zero(t, connections.Load())
}

func TestNoNotationLeadsToAMetadataService(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"169.254.169.254", "2852039166", "0251.0376.0251.0376", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "169.254.169.254.",
		"[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]",
	} {
		err := handle(t, destination(t, settings("http://"+net.JoinHostPort(unbracket(host), "80")+"/latest/meta-data")), sample())
		require.Contains(t, []fault.Reason{fault.ReasonForbidden, fault.ReasonDNS}, fault.ReasonOf(err), "%s: %s", host, err)
	}
}

// unbracket takes a host as a URL has it.
func unbracket(host string) string {
	if host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// named makes a destination whose name n resolves, with the port of a receiver.
func named(t *testing.T, n *nameserver, port string, allowPrivate bool) *deliver.Destination {
	t.Helper()
	s := settings("http://billing.test:" + port)
	s.AllowPrivate = allowPrivate
	d := destination(t, s)
	d.ResolveWith(n.resolver())
	return d
}

func TestANameThatChangesItsAddressIsLookedAtEachTime(t *testing.T) {
	t.Parallel()
	port, connections := counted(t)
	n := newNameserver(t)
	d := named(t, n, port, true)
	n.say("127.0.0.1")
	require.NoError(t, handle(t, d, sample()))
	for _, addr := range []string{"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "0.0.0.0", "100.100.100.200"} {
		n.say(addr)
		var forbidden *deliver.ForbiddenError
		require.ErrorAs(t, handle(t, d, sample()), &forbidden, addr)
	}
	n.say("127.0.0.1")
	require.NoError(t, handle(t, d, sample()))
	require.EqualValues(t, 2, connections.Load())
}

func TestAPublicNameThatTurnsOutToBePrivateIsRefused(t *testing.T) {
	t.Parallel()
	port, connections := counted(t)
	n := newNameserver(t)
	d := named(t, n, port, false)
	for _, addr := range []string{"127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.0.0.1", "::1"} {
		n.say(addr)
		require.Equal(t, fault.ReasonForbidden, fault.ReasonOf(handle(t, d, sample())), addr)
	}
	require.Zero(t, connections.Load())
}

func TestOneForbiddenAddressOfANameDoesNotStandInTheWayOfTheOthers(t *testing.T) {
	t.Parallel()
	port, _ := counted(t)
	n := newNameserver(t)
	d := named(t, n, port, true)
	n.say("169.254.169.254", "127.0.0.1")
	require.NoError(t, handle(t, d, sample()))
}

func TestARedirectIsNoWayAroundTheGuard(t *testing.T) {
	t.Parallel()
	port, connections := counted(t)
	for _, code := range []int{301, 302, 303, 307, 308} {
		d := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:"+port+"/", code)
		})
		require.Equal(t, fault.ReasonRedirect, fault.ReasonOf(handle(t, d, sample())), code)
	}
	require.Zero(t, connections.Load())
}
