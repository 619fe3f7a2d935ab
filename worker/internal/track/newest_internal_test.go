package track

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoClockAloneMakesAnythingOld(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	var n newest
	require.True(t, n.time(now).Before(now.AddDate(-20, 0, 0)), "nothing was seen yet")
	n.see(now.Add(-time.Minute))
	n.see(now.Add(-time.Hour))
	require.True(t, n.time(now).Equal(now.Add(-time.Minute)))
	require.True(t, n.time(now.AddDate(0, 0, 60)).Equal(now.Add(-time.Minute)), "the tracker's clock jumped")
	n.see(now.AddDate(0, 0, 60))
	require.True(t, n.time(now).Equal(now), "a gateway's clock jumped")
}
