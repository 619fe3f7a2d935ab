package deliver

import (
	"net"
	"net/http"
	"net/netip"
	"time"
)

// CheckAddress asks the guard about an address.
func CheckAddress(addr netip.Addr, allowPrivate bool) error { return guard{allowPrivate}.check(addr) }

// HoldFor sets how long an event waits for its turn.
func (d *Destination) HoldFor(hold time.Duration) { d.admission.hold = hold }

// ResolveWith makes the destination look names up with r.
func (d *Destination) ResolveWith(r *net.Resolver) {
	dialer := newDialer(d.config)
	dialer.Resolver = r
	d.client.Transport.(*http.Transport).DialContext = dialer.DialContext
}
