//go:build !race

package signature_test

import (
	"bytes"
	"testing"

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
