package returns_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/topology"
)

// Each pass goes through the longest level that fits, so what is left shrinks by more than
// half, and ends at nothing.
func TestADelayPassesLevelsUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wait := time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "seconds")) * time.Second
		now := time.Unix(1_800_000_000, 0)
		due, hops := now.Add(wait), 0
		for {
			p := returns.Delay("penstock.route.a", message("x"), due.Sub(now), now)
			if p.Exchange == topology.Routes {
				require.Equal(t, "penstock.route.a", p.Key)
				require.NotContains(t, p.Message.Headers, event.HeaderDue)
				break
			}
			seconds, ok := topology.LevelOf(p.Key)
			require.True(t, ok)
			require.Equal(t, "penstock.route.a", p.Message.Text(event.HeaderReturnTo))
			require.Equal(t, due.UnixMilli(), p.Message.Int(event.HeaderDue))
			now, hops = now.Add(time.Duration(seconds)*time.Second), hops+1
		}
		require.Equal(t, due, now)
		require.LessOrEqual(t, hops, 26, "twelve days")
	})
}

func TestAShorterLevelTakesWhatALevelRefuses(t *testing.T) {
	t.Parallel()
	p := returns.Delay("penstock.route.a", message("x"), 5*time.Second, time.Now())
	var tried []string
	for ok := true; ok; p, ok = returns.Shorter(p) {
		tried = append(tried, p.Key)
	}
	require.Equal(t, []string{"penstock.level.00004", "penstock.level.00003", "penstock.level.00002", "penstock.level.00001"}, tried)
	_, ok := returns.Shorter(returns.Delay("penstock.route.a", message("x"), 0, time.Now()))
	require.False(t, ok, "it is not delayed")
}
