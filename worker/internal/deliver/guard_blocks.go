package deliver

import "net/netip"

// block is a range of addresses and why it is refused.
type block struct {
	netip.Prefix
	why string
}

func in(prefix, why string) block { return block{netip.MustParsePrefix(prefix), why} }

// never lists what no destination may be, whatever its configuration says. The
// instance metadata services give credentials to whoever can reach them; most of
// them are link-local, the others are listed one by one.
func never() []block {
	return []block{
		in("0.0.0.0/8", "unspecified"),
		in("::/128", "unspecified"),
		in("169.254.0.0/16", "link-local"),
		in("fe80::/10", "link-local"),
		in("224.0.0.0/4", "multicast"),
		in("ff00::/8", "multicast"),
		in("240.0.0.0/4", "reserved"), // the limited broadcast address included
		in("100.100.100.200/32", "metadata"),
		in("168.63.129.16/32", "metadata"),
		in("192.0.0.192/32", "metadata"),
		in("fd00:ec2::254/128", "metadata"),
		in("fd20:ce::254/128", "metadata"),
		in("2001::/32", "tunnelled"), // Teredo hides the address that it leads to
	}
}

// private lists what is not on the public Internet (RFC 6890 and its registries).
func private() []block {
	return []block{
		in("127.0.0.0/8", "loopback"),
		in("::1/128", "loopback"),
		in("10.0.0.0/8", "private"),
		in("172.16.0.0/12", "private"),
		in("192.168.0.0/16", "private"),
		in("fc00::/7", "private"),
		in("fec0::/10", "private"),
		in("100.64.0.0/10", "private"), // shared address space, RFC 6598
		in("192.0.0.0/24", "private"),
		in("198.18.0.0/15", "private"),
		in("192.0.2.0/24", "documentation"),
		in("198.51.100.0/24", "documentation"),
		in("203.0.113.0/24", "documentation"),
		in("2001:db8::/32", "documentation"),
		in("64:ff9b:1::/48", "private"), // local NAT64, RFC 8215
	}
}

func nat64() netip.Prefix      { return netip.MustParsePrefix("64:ff9b::/96") }
func nat64Local() netip.Prefix { return netip.MustParsePrefix("64:ff9b:1::/48") }
func translated() netip.Prefix { return netip.MustParsePrefix("::ffff:0:0:0/96") } // RFC 2765
func compatible() netip.Prefix { return netip.MustParsePrefix("::/96") }
func sixToFour() netip.Prefix  { return netip.MustParsePrefix("2002::/16") }
