package consume

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
)

// copyOf is a copy of an event in the parked queue.
func copyOf(id string, place int64, attempt int) *item {
	return &item{job: &job{message: &event.Message{ID: id}}, identity: id, place: place, attempt: attempt}
}

func names(items []*item) (out []string) {
	for _, i := range items {
		out = append(out, i.identity)
	}
	return out
}

func TestALaneIsLoadedInTheOrderOfThePlaces(t *testing.T) {
	t.Parallel()
	var l lane
	for _, c := range []*item{copyOf("b", 2, 1), copyOf("c", 3, 1), copyOf("a", 1, 4)} {
		require.Nil(t, l.load(c))
	}
	require.Equal(t, []string{"a", "b", "c"}, names(l.parked))
	require.Equal(t, "a", l.head().identity)
}

func TestOfSeveralCopiesTheFirstPlaceCountsAndThenTheMostAttempts(t *testing.T) {
	t.Parallel()
	var l lane
	first, again, later := copyOf("a", 1, 1), copyOf("a", 1, 2), copyOf("a", 7, 9)
	require.Nil(t, l.load(first))
	kept := first.job
	require.Same(t, kept, l.load(again), "the one with fewer attempts is superfluous")
	require.Same(t, later.job, l.load(later), "the one with a later place is superfluous")
	require.Len(t, l.parked, 1)
	require.Equal(t, 2, l.parked[0].attempt)
}

// Two sessions parked the same events, each without a gap, and each perhaps the first ones
// only. In whichever order the copies are loaded, and wherever the process dies in between,
// the order of the events is the same.
func TestTheOrderOutlivesCopiesOfTwoSessions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.IntRange(1, 8).Draw(t, "events")
		var copies []*item
		for _, session := range []string{"older", "newer"} {
			place := rapid.Int64Range(1, 20).Draw(t, session+" begins at")
			for i := range rapid.IntRange(0, events).Draw(t, session+" parked") {
				copies = append(copies, copyOf(strconv.Itoa(i), place, rapid.IntRange(1, 3).Draw(t, "attempt")))
				place += rapid.Int64Range(1, 3).Draw(t, "step")
			}
		}
		seed := rapid.Uint64().Draw(t, "seed")
		random := rand.New(rand.NewPCG(seed, seed))
		for range 3 { // each time some process dies in the middle
			random.Shuffle(len(copies), func(i, j int) { copies[i], copies[j] = copies[j], copies[i] })
			var l lane
			gone := map[*job]bool{}
			dies := random.IntN(len(copies) + 1)
			for n, c := range copies {
				if surplus := l.load(copyItem(c)); surplus != nil && n < dies {
					gone[surplus] = true
				}
			}
			if !slices.IsSorted(names(l.parked)) {
				t.Fatalf("loaded as %v", names(l.parked))
			}
			copies = slices.DeleteFunc(copies, func(c *item) bool { return gone[c.job] })
		}
	})
}

func copyItem(i *item) *item {
	out := *i
	return &out
}

func TestAParkedEventWaitsForItsOwnCopy(t *testing.T) {
	t.Parallel()
	waiting := &item{identity: "a", place: 1, attempt: 2}
	l := lane{parked: []*item{waiting}}
	old := copyOf("a", 1, 1)
	require.Same(t, old.job, l.arrive(old), "of an earlier attempt")
	require.Nil(t, waiting.job)
	own := copyOf("a", 1, 2)
	require.Nil(t, l.arrive(own))
	require.Same(t, own.job, waiting.job)
	twin := copyOf("a", 1, 2)
	require.Same(t, twin.job, l.arrive(twin), "it came twice")
	stray := copyOf("b", 9, 1)
	require.Same(t, stray.job, l.arrive(stray), "nothing waits for it")
}

// The broker delivers the copy of a next attempt before it is known that the attempt failed.
func TestACopyThatIsEarlyIsNotTakenForADuplicate(t *testing.T) {
	t.Parallel()
	trying := copyOf("a", 1, 1)
	l := lane{parked: []*item{trying}, trying: trying}
	next := copyOf("a", 1, 2)
	require.Nil(t, l.arrive(next), "acknowledged, the event would be lost")
	require.Equal(t, []*item{next}, l.early)
	require.False(t, l.empty())
}
