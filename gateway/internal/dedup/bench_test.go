package dedup_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

// BenchmarkClaim claims an id that was not seen before, once the memory is full.
func BenchmarkClaim(b *testing.B) {
	const keys = 100_000
	m, err := dedup.NewMemory(keys)
	require.NoError(b, err)
	n := 0
	claim := func() {
		_, err := m.Claim(b.Context(), "shop", strconv.Itoa(n), time.Minute)
		require.NoError(b, err)
		n++
	}
	for range keys {
		claim()
	}
	b.ReportAllocs()
	for b.Loop() {
		claim()
	}
}
