//go:build !race

package signature_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// The race detector makes pools forget on purpose, so that this only holds without it.
func TestVerifyingAllocatesNextToNothing(t *testing.T) { //nolint:paralleltest // other tests allocate too
	for name, s := range map[string]signature.Scheme{"github": github(), "stripe": stripe()} {
		for _, size := range []int{1 << 10, 64 << 10} {
			b := setup(t, s)
			b.request.Body = bytes.Repeat([]byte("x"), size)
			b.signed().accepted()
			require.LessOrEqual(t, testing.AllocsPerRun(200, func() { b.verify() }), 3.0, "%s of %d bytes", name, size)
		}
	}
}

// The fastest of many interleaved rounds hardly depends on what else the machine does, and only
// gets closer to the truth with more of them.
func TestVerifyingCostsHardlyMoreThanTheHash(t *testing.T) { //nolint:paralleltest // it measures time
	now := time.Unix(1_700_000_000, 0)
	for _, size := range []int{1 << 10, 64 << 10} {
		body := bytes.Repeat([]byte("x"), size)
		for prefix, s := range map[string]signature.Scheme{"": github(), "1700000000.": stripe()} {
			ours, theirs := engine(t, s, body, now), bare(prefix, body)
			best := [2]time.Duration{time.Hour, time.Hour}
			quickest := func() bool {
				for range 100 {
					for i, check := range []func() bool{ours, theirs} {
						start := time.Now()
						for range 8 {
							require.True(t, check())
						}
						best[i] = min(best[i], time.Since(start))
					}
				}
				return 4*best[0] <= 5*best[1]
			}
			require.Eventually(t, quickest, 20*time.Second, time.Millisecond)
			t.Logf("%d bytes after %q: %v against %v", size, prefix, best[0]/8, best[1]/8)
		}
	}
}
