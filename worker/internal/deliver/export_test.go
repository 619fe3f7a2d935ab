package deliver

import (
	"net/netip"
	"time"
)

// CheckAddress asks the guard about an address.
func CheckAddress(addr netip.Addr, allowPrivate bool) error { return guard{allowPrivate}.check(addr) }

// HoldFor sets how long an event waits for its turn.
func (d *Destination) HoldFor(hold time.Duration) { d.admission.hold = hold }
