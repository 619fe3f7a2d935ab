package track

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func TestAMessageThatComesAgainIsRecognisedAlsoByAnotherTracker(t *testing.T) {
	t.Parallel()
	var r recent
	for i := range 2000 {
		require.True(t, r.add(strconv.Itoa(i)))
	}
	next := parseRecent(r.position())
	require.Equal(t, r, next)
	require.Equal(t, int64(2000), next.position().Next)
	for i := 2000 - queuePrefetch; i < 2000; i++ {
		require.False(t, next.add(strconv.Itoa(i)), "not acknowledged, and so delivered again")
	}
	require.Equal(t, r.position(), next.position())
	require.True(t, next.add("2000"))
}

func TestThePositionInAStreamIsNoneInAQueue(t *testing.T) {
	t.Parallel()
	r := parseRecent(store.Position{Next: 7, LastID: "0190a5c4-5d3e-7c54-9b5e-2f1c3d4e5f60"})
	require.True(t, r.add("0190a5c4-5d3e-7c54-9b5e-2f1c3d4e5f60"))
	require.Equal(t, int64(8), r.position().Next)
}
