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
	connections := d.connections()
	build := connections.build
	connections.build = func() *http.Transport {
		t := build()
		t.DialContext = dialer.DialContext
		return t
	}
}

// AgeConnections lets the time of the destination's connections be over.
func (d *Destination) AgeConnections() {
	d.connections().current.Load().until = time.Now().Add(-time.Second)
}

func (d *Destination) connections() *renewed {
	return d.sender.(*endpoint).client.Transport.(*renewed)
}

// Budget is what holds retries back.
type Budget struct{ budget }

// Begin asks for an attempt. The function that it returns ends the attempt.
func (b *Budget) Begin(now time.Time, retry bool) (end func(now time.Time, failed bool), ok bool) {
	_, ok = b.begin(now, retry)
	return func(now time.Time, failed bool) {
		if failed {
			b.failed(now)
		}
	}, ok
}

// Withdrawn asks for an attempt and takes it back.
func (b *Budget) Withdrawn(now time.Time, retry bool) {
	if a, ok := b.begin(now, retry); ok {
		b.withdraw(a)
	}
}
