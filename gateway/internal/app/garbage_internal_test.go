package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGarbageMayGatherUpToAFloorAndThenHalfAsMuchAsIsInUse(t *testing.T) {
	t.Parallel()
	for used, percent := range map[uint64]int{
		0:         mostGarbage,
		1 << 20:   mostGarbage,
		8 << 20:   600,
		32 << 20:  150,
		48 << 20:  100,
		500 << 20: 50,
		1 << 50:   50,
	} {
		require.Equal(t, percent, garbagePercent(used), "%d bytes in use", used)
	}
}
