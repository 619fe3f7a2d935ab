package share

import (
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sum adds up the parts.
func sum(parts map[string]Part) (slots int, rate float64) {
	for _, p := range parts {
		slots += p.Slots
		rate += p.Rate
	}
	return slots, rate
}

func TestThePartsAreTheWholeAndAreFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Limits{Destination: rapid.String().Draw(t, "destination"), Slots: rapid.IntRange(0, 50).Draw(t, "slots")}
		idle := map[string]int{}
		for n := range rapid.IntRange(1, 30).Draw(t, "deliverers") {
			idle[strconv.Itoa(n)] = 0
		}
		parts := divide(l, idle)
		slots, rate := sum(parts)
		require.Equal(t, l.Slots, slots)
		require.InDelta(t, 1, rate, 1e-9)
		for _, p := range parts {
			require.GreaterOrEqual(t, p.Slots, l.Slots/len(idle))
			require.LessOrEqual(t, p.Slots, l.Slots/len(idle)+1)
			require.Equal(t, l.Slots > 0 && p.Slots == 0, p.Rate == 0, "who may make no attempt takes nothing of the rate")
		}
	})
}

// Whatever is under way, what begins now never makes more than the limit, if it was not
// exceeded already.
func TestAttemptsThatAreUnderWayAreWaitedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Limits{Destination: "d", Slots: rapid.IntRange(1, 50).Draw(t, "slots")}
		inUse := map[string]int{}
		running := 0
		for n := range rapid.IntRange(1, 30).Draw(t, "deliverers") {
			use := rapid.IntRange(0, l.Slots-running).Draw(t, "in use")
			inUse[strconv.Itoa(n)] = use
			running += use
		}
		after := 0
		for id, p := range divide(l, inUse) {
			after += max(inUse[id], p.Slots)
		}
		require.LessOrEqual(t, after, l.Slots)
	})
}

func TestEveryDelivererComesToTheSameParts(t *testing.T) {
	t.Parallel()
	l := Limits{Destination: "d", Slots: 7}
	inUse := map[string]int{"a": 3, "b": 0, "c": 1}
	for range 20 {
		require.Equal(t, divide(l, inUse), divide(l, maps.Clone(inUse)))
	}
}
