package ingest_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

func TestAGreedySourceLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	b := ingest.NewBudget(1000)
	all := func(s *ingest.Share) (n int64) {
		for s.Take(1) {
			n++
		}
		return n
	}
	require.EqualValues(t, 1000, all(b.Share("only")), "nobody else wants any")
	b.Share("only").Give(1000)

	greedy, modest := b.Share("only"), b.Share("modest")
	alone := all(greedy)
	require.InDelta(t, 800, alone, 2)
	greedy.Give(alone)
	taken := map[*ingest.Share]int{}
	for range 1000 {
		for _, s := range []*ingest.Share{greedy, modest} {
			if s.Take(1) {
				taken[s]++
			}
		}
	}
	require.InDelta(t, 444, taken[greedy], 3, "two that want everything get the same")
	require.InDelta(t, 444, taken[modest], 3)
	require.True(t, b.Share("third").Take(1), "who comes later still finds room")
}

// sixFailures allows an address six failures a minute: one more every ten seconds, in
// which no test comes so far that it matters.
func sixFailures(o *ingest.Options) { o.Suspects = ingest.NewSuspects(6) }

func TestAnAddressThatFailsTooOftenIsToComeAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource, sixFailures)
	for range 6 {
		require.Equal(t, ingest.KindUnauthorized, b.refused(t, request("github", "{}")).Kind)
	}
	blocked := request("github", "{}", "X-Forwarded-For", "198.51.100.1", "Forwarded", "for=198.51.100.1", "X-Real-Ip", "198.51.100.1")
	refusal := b.refused(t, blocked)
	require.Equal(t, ingest.KindRateLimited, refusal.Kind)
	require.Equal(t, "address-failures", refusal.Reason)
	require.InDelta(t, 5*time.Second, refusal.RetryAfter, float64(5*time.Second))

	other := github("{}")
	other.Remote = netip.MustParseAddr("203.0.113.8")
	b.accepted(t, other)
}

func TestAnIPv6SenderIsItsNetwork(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource, sixFailures)
	from := func(address string) *ingest.Request {
		r := request("github", "{}")
		r.Remote = netip.MustParseAddr(address)
		return r
	}
	for range 6 {
		b.refused(t, from("2001:db8::1"))
	}
	require.Equal(t, ingest.KindRateLimited, b.refused(t, from("2001:db8::2")).Kind)
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, from("2001:db8:0:1::1")).Kind)
}
