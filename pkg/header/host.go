package header

import (
	"net"
	"net/netip"
	"strings"
)

// HostName returns the host of a Host field or an address, without its port, in lower case
// and without a dot at its end. An IPv6 address has no brackets.
func HostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// LoopbackHost reports whether a Host field names this machine itself: localhost, a name
// below it (RFC 6761, section 6.3), or a loopback address.
func LoopbackHost(host string) bool {
	name := HostName(host)
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || err == nil && addr.Unmap().IsLoopback()
}

// StrangersHost reports whether a Host field can be the name of a site of a stranger, who
// has it lead to us: a browser then takes our answers for those of that site (DNS rebinding).
// No site has an address for a name, or a name without a dot, such as that of a service in
// the same namespace.
func StrangersHost(host string) bool {
	name := HostName(host)
	_, err := netip.ParseAddr(name)
	return err != nil && strings.Contains(name, ".") && !LoopbackHost(host)
}
