package auth

import (
	"net/netip"
	"slices"
	"strings"
)

// Networks is a set of network addresses. The zero value is no restriction:
// it allows every address. It is safe for concurrent use.
type Networks struct {
	prefixes []netip.Prefix // disjoint and sorted
}

// ParseCIDRs makes a set of networks in CIDR notation (RFC 4632, RFC 4291),
// such as "203.0.113.0/24" or "2001:db8::/32", and single addresses. The error
// joins a *Problem for each text that is neither; its Path is "[index]".
func ParseCIDRs(texts []string) (Networks, error) {
	ps := newProblems()
	var list []netip.Prefix
	for i, text := range texts {
		prefix, problem := parsePrefix(strings.TrimSpace(text))
		if problem != "" {
			ps.atf("[%d]", i).addf("%s", problem)
			continue
		}
		list = append(list, prefix)
	}
	if err := ps.join(); err != nil {
		return Networks{}, err
	}
	return Networks{prefixes: disjoint(list)}, nil
}

func parsePrefix(text string) (p netip.Prefix, problem string) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), ""
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, quote(text) + " is not a network such as 203.0.113.0/24"
	case p.Addr().Is4In6():
		return p, quote(text) + " is an IPv4 network written as IPv6; write it as IPv4"
	case p != p.Masked():
		return p, quote(text) + " has bits set after its prefix; did you mean " + p.Masked().String() + "?"
	default:
		return p, ""
	}
}

// disjoint sorts the prefixes and drops those inside of another, so that at
// most one can contain an address.
func disjoint(list []netip.Prefix) []netip.Prefix {
	slices.SortFunc(list, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var kept []netip.Prefix
	for _, p := range list {
		if n := len(kept); n == 0 || !kept[n-1].Overlaps(p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// Allows reports whether the address is in the set, or the set is empty. An
// IPv4 address mapped to IPv6 counts as IPv4; a zone is ignored.
func (n Networks) Allows(addr netip.Addr) bool {
	if len(n.prefixes) == 0 {
		return true
	}
	addr = addr.Unmap().WithZone("")
	at, exact := slices.BinarySearchFunc(n.prefixes, addr, func(p netip.Prefix, a netip.Addr) int {
		return p.Addr().Compare(a)
	})
	if exact {
		return true
	}
	return at > 0 && n.prefixes[at-1].Contains(addr)
}

// Strings returns the networks in CIDR notation, sorted and without those
// inside of another.
func (n Networks) Strings() []string {
	texts := make([]string, len(n.prefixes))
	for i, p := range n.prefixes {
		texts[i] = p.String()
	}
	return texts
}
