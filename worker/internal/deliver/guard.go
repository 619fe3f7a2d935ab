package deliver

import (
	"fmt"
	"net/netip"
	"syscall"
)

// ForbiddenError is an address that the guard refused to connect to.
type ForbiddenError struct {
	Addr netip.Addr
	Why  string // a word or two, such as "link-local"
}

// Error names the address and why it was refused.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("%s address %s is forbidden", e.Why, e.Addr)
}

// guard refuses addresses that a destination must not name. It is asked for every
// connection, after the name was resolved and right before it is made, so that a
// name whose address changes cannot get around it.
type guard struct{ allowPrivate bool }

// control has the form of net.Dialer.Control.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("check the address to connect to: %w", err)
	}
	return g.check(ap.Addr())
}

func (g guard) check(addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	if why := refused(addr, never()); why != "" {
		return &ForbiddenError{addr, why}
	}
	if why := refused(addr, private()); why != "" && !g.allowPrivate {
		return &ForbiddenError{addr, why}
	}
	for _, inner := range embedded(addr) {
		if err := g.check(inner); err != nil {
			return err
		}
	}
	return nil
}

func refused(addr netip.Addr, blocks []block) string {
	for _, b := range blocks {
		if b.Contains(addr) {
			return b.why
		}
	}
	return ""
}

// embedded returns the IPv4 addresses that a translator or relay could send what
// goes to the IPv6 address addr on to.
func embedded(addr netip.Addr) []netip.Addr {
	if !addr.Is6() {
		return nil
	}
	b := addr.As16()
	last := netip.AddrFrom4([4]byte(b[12:16]))
	switch {
	case nat64Local().Contains(addr):
		return localForms(b)
	case nat64().Contains(addr), translated().Contains(addr), compatible().Contains(addr) && !addr.IsLoopback():
		return []netip.Addr{last}
	case sixToFour().Contains(addr):
		return []netip.Addr{netip.AddrFrom4([4]byte(b[2:6]))}
	default:
		return nil
	}
}

// localForms returns the IPv4 addresses within b for each length that the
// translator's prefix may have (RFC 6052 section 2.2): 48, 56, 64 and 96 bits. What
// would begin with a zero is not one: the prefix has another length then.
func localForms(b [16]byte) []netip.Addr {
	var found []netip.Addr
	for _, inner := range [][4]byte{
		{b[6], b[7], b[9], b[10]}, {b[7], b[9], b[10], b[11]}, {b[9], b[10], b[11], b[12]}, [4]byte(b[12:16]),
	} {
		if inner[0] != 0 {
			found = append(found, netip.AddrFrom4(inner))
		}
	}
	return found
}
