package memory_test

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/memory"
)

func TestBudgetsAreSharesOfTheLimitThatIsInForce(t *testing.T) {
	t.Parallel()
	bound := memory.Limit()
	require.Equal(t, debug.SetMemoryLimit(-1), bound.Go)
	require.Equal(t, bound, memory.Limit())
	total := bound.Go
	if total == math.MaxInt64 { // and no container's
		total = 1 << 30
	}
	require.InDelta(t, float64(total)/4, float64(memory.Share(0.25)), 1)
}
