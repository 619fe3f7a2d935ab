package httpapi

import (
	"net"
	"net/netip"
	"time"

	proxyproto "github.com/pires/go-proxyproto"

	"github.com/penstock/penstock/pkg/auth"
)

// proxyHeaderTimeout is how long a trusted proxy may take to send its header.
const proxyHeaderTimeout = 5 * time.Second

// behindProxies reads the PROXY protocol header (v1, v2) of connections from the
// trusted networks, which must send one: the specification forbids to guess. A
// connection from elsewhere is taken as it is, so that a header of its own making
// is only a malformed request.
func behindProxies(l net.Listener, trusted auth.Networks) net.Listener {
	return &proxyproto.Listener{
		Listener:          l,
		ReadHeaderTimeout: proxyHeaderTimeout,
		ConnPolicy: func(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
			if trusted.Allows(addressOf(o.Upstream.String())) {
				return proxyproto.REQUIRE, nil
			}
			return proxyproto.SKIP, nil
		},
	}
}

// addressOf returns the address in host:port, or the zero address.
func addressOf(hostPort string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
