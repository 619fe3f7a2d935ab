package auth_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/auth"
)

func TestNetworks(t *testing.T) {
	t.Parallel()
	n, err := auth.ParseCIDRs([]string{"203.0.113.0/24", "203.0.113.128/25", " 198.51.100.7 ", "2001:db8::/32", "203.0.113.0/24"})
	require.NoError(t, err)
	require.Equal(t, []string{"198.51.100.7/32", "203.0.113.0/24", "2001:db8::/32"}, n.Strings())
	for addr, want := range map[string]bool{
		"203.0.113.0":         true,
		"203.0.113.255":       true,
		"203.0.114.0":         false,
		"203.0.112.255":       false,
		"::ffff:203.0.113.9":  true,
		"198.51.100.7":        true,
		"198.51.100.8":        false,
		"2001:db8::1":         true,
		"2001:db8:ffff::%eth": true,
		"2001:db9::":          false,
		"::":                  false,
	} {
		require.Equal(t, want, n.Allows(netip.MustParseAddr(addr)), addr)
	}
	require.False(t, n.Allows(netip.Addr{}))
}

func TestNoNetworksIsNoRestriction(t *testing.T) {
	t.Parallel()
	n, err := auth.ParseCIDRs(nil)
	require.NoError(t, err)
	require.True(t, n.Allows(netip.MustParseAddr("192.0.2.1")))
}

func TestBadNetworksAreAllReported(t *testing.T) {
	t.Parallel()
	_, err := auth.ParseCIDRs([]string{"10.0.0.1/8", "10.0.0.0/8", "nonsense", "::ffff:10.0.0.0/104"})
	require.EqualError(t, err, `[0]: "10.0.0.1/8" has bits set after its prefix; did you mean 10.0.0.0/8?
[2]: "nonsense" is not a network such as 203.0.113.0/24
[3]: "::ffff:10.0.0.0/104" is an IPv4 network written as IPv6; write it as IPv4`)
}

func TestASetAllowsWhatOneOfItsNetworksContains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.Custom(func(t *rapid.T) netip.Addr {
			return netip.AddrFrom4([4]byte{10, 0, rapid.Byte().Draw(t, "c") & 3, rapid.Byte().Draw(t, "d")})
		})
		var texts []string
		var prefixes []netip.Prefix
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			p := netip.PrefixFrom(addr.Draw(t, "addr"), rapid.IntRange(20, 32).Draw(t, "bits")).Masked()
			prefixes = append(prefixes, p)
			texts = append(texts, p.String())
		}
		n, err := auth.ParseCIDRs(texts)
		require.NoError(t, err)
		asked, want := addr.Draw(t, "asked"), false
		for _, p := range prefixes {
			want = want || p.Contains(asked)
		}
		require.Equal(t, want, n.Allows(asked))
	})
}

func FuzzParseCIDRs(f *testing.F) {
	f.Add("10.0.0.0/8")
	f.Add("fe80::1%eth0")
	f.Add("::ffff:1.2.3.4")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := auth.ParseCIDRs([]string{text})
		if err != nil {
			return
		}
		again, err := auth.ParseCIDRs(n.Strings())
		require.NoError(t, err)
		require.Equal(t, n, again)
	})
}
