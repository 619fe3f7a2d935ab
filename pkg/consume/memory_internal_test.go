package consume

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoomIsGivenWhileThereIsSome(t *testing.T) {
	t.Parallel()
	m := NewMemory(8 << 20)
	require.True(t, m.take(100<<20), "one event, however large, where none is held")
	require.False(t, m.take(1))
	m.give(100 << 20)
	require.True(t, m.take(7<<20))
	require.False(t, m.take(smallEvent+1), "the last eighth is for small ones")
	require.True(t, m.take(smallEvent))
	fits, changed := m.room(1 << 20)
	require.False(t, fits)
	m.give(7 << 20)
	<-changed
	fits, _ = m.room(1 << 20)
	require.True(t, fits)
	require.False(t, m.force(100<<20))
	require.EqualValues(t, smallEvent+100<<20, m.Used())
}

func TestARouteHoldsAnEighthOfTheRoomAndOneEventAtLeast(t *testing.T) {
	t.Parallel()
	r := &Route{memory: NewMemory(80 << 20), sizes: new(sizes)}
	require.Equal(t, cautious, r.window(128), "it does not know how large they are")
	for range firstLook {
		r.sizes.see(2 << 10)
	}
	require.Equal(t, 128, r.window(128))
	r.sizes.see(5 << 20)
	for range 2*laterLook - 1 {
		require.Equal(t, 2, r.window(128))
		r.sizes.see(100 << 10)
	}
	require.Equal(t, 102, r.window(128), "no large one has come for long")
	r.sizes.see(25 << 20)
	require.Equal(t, 1, r.window(128))
}
