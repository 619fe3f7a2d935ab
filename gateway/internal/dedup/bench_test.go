package dedup_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

// BenchmarkClaim claims an event of one of so many sources that was not seen before, once
// the memory is full.
func BenchmarkClaim(b *testing.B) {
	for _, sources := range []int{1, 250} {
		b.Run(strconv.Itoa(sources), func(b *testing.B) { benchmarkClaim(b, sources) })
	}
}

func benchmarkClaim(b *testing.B, sources int) {
	b.Helper()
	const events = 100_000
	m, err := dedup.NewMemory(events)
	require.NoError(b, err)
	names := make([]string, sources)
	for i := range names {
		names[i] = "source-" + strconv.Itoa(i)
	}
	n := 0
	claim := func() {
		_, err := m.Claim(b.Context(), dedup.Key{Source: names[n%sources], Event: strconv.Itoa(n)}, "id", terms)
		require.NoError(b, err)
		n++
	}
	for range events {
		claim()
	}
	b.ReportAllocs()
	for b.Loop() {
		claim()
	}
}
