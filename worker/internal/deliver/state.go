package deliver

import (
	"time"

	"github.com/sony/gobreaker/v2"
)

// State is how it stands with a destination in this process.
type State struct {
	Breaker      string    // closed, half-open or open
	BreakerSince time.Time // since when it is not closed; zero: it is
	Paused       bool      // by a person
	RestingUntil time.Time // by the breaker or a Retry-After; zero: it does not rest
	InUse        int       // attempts under way
	Limit        int       // attempts that may be under way now

	Certificates Certificates
}

// State returns how it stands with the destination.
func (d *Destination) State() State {
	s := State{
		Breaker: d.breaker.State().String(), BreakerSince: d.brokenSince(), Paused: d.Gate().Held(),
		InUse: int(d.inUse.Load()), Limit: d.admission.ramp.now(),
	}
	if sender, ok := d.sender.(interface {
		readCertificates(now time.Time) Certificates
	}); ok {
		s.Certificates = sender.readCertificates(time.Now())
	}
	if until := d.Gate().Resting(); until.After(time.Now()) {
		s.RestingUntil = until
	}
	return s
}

// Use sets what this process may use of the destination's limits from now on: so many attempts
// at once, and that part of the rate, 0 to 1. Without it the process uses all. It rests the
// routes for a moment when that is nothing, so it has to be called again within half a second.
func (d *Destination) Use(slots int, part float64) {
	if b, ok := d.sender.(*batcher); ok {
		b.slots.resize(slots)
	}
	d.admission.use(slots*perRequest(d.config), part, time.Now())
}

// brokenSince returns since when the breaker is not closed.
func (d *Destination) brokenSince() time.Time {
	if d.breaker.State() == gobreaker.StateClosed {
		return time.Time{}
	}
	if at := d.broken.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// noteBreaker notes when the breaker opens that was closed.
func (d *Destination) noteBreaker(from gobreaker.State) {
	if now := time.Now(); from == gobreaker.StateClosed {
		d.broken.Store(&now)
	}
}

// Hold stops delivering to the destination until it is told otherwise.
func (d *Destination) Hold(held bool) { d.Gate().Hold(held) }

// Wake ends a rest that the destination's Retry-After asked for. A breaker that is open
// stays so until its probe.
func (d *Destination) Wake() { d.Gate().Wake() }
