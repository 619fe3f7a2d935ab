package deliver_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/worker/internal/deliver"
)

func TestAddressesThatAreAlwaysRefused(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "224.0.0.1", "239.255.255.255", "ff02::1",
		"255.255.255.255", "240.0.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254",
		"::ffff:169.254.169.254", "::ffff:0.0.0.0", "::169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe::", "64:ff9b:1:0:a9:fea9:fe00::",
		"::ffff:0:169.254.169.254", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
	} {
		var forbidden *deliver.ForbiddenError
		require.ErrorAs(t, deliver.CheckAddress(netip.MustParseAddr(addr), true), &forbidden, addr)
	}
}

func TestPrivateAddressesAreAllowedOrNot(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"127.0.0.1", "127.255.0.1", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1",
		"fd12:3456::1", "fec0::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "2002:0a00:0001::1", "::10.0.0.1",
		"192.0.2.1", "2001:db8::1", "::ffff:0:10.0.0.1", "64:ff9b:1:101:1:100::", "64:ff9b:1::1.1.1.1",
	} {
		require.NoError(t, deliver.CheckAddress(netip.MustParseAddr(addr), true), addr)
		require.Error(t, deliver.CheckAddress(netip.MustParseAddr(addr), false), addr)
	}
}

func TestPublicAddressesAreAllowed(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"1.1.1.1", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1", "64:ff9b::1.1.1.1", "2002:0101:0101::1", "::ffff:1.1.1.1",
	} {
		require.NoError(t, deliver.CheckAddress(netip.MustParseAddr(addr), false), addr)
	}
}

func TestAnIPv4AddressIsJudgedAlikeHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		private := rapid.Bool().Draw(t, "allow private")
		want := deliver.CheckAddress(netip.AddrFrom4(b), private) == nil
		mapped := netip.AddrFrom16(netip.AddrFrom4(b).As16())
		nat64 := [16]byte{0, 0x64, 0xff, 0x9b, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
		sixToFour := [16]byte{0x20, 0x02, b[0], b[1], b[2], b[3]}
		for _, other := range []netip.Addr{mapped, netip.AddrFrom16(nat64), netip.AddrFrom16(sixToFour)} {
			require.Equal(t, want, deliver.CheckAddress(other, private) == nil, other)
		}
	})
}
