package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a table and its time.
type clock struct {
	*table
	now time.Time
}

func newClock() *clock {
	now := time.Now()
	return &clock{newTable("me", now), now}
}

// after lets time pass, in which the deliverer hears itself and the others, or does not.
func (c *clock) after(d time.Duration, hears bool, others ...announcement) {
	for ; d > 0; d -= announceEvery {
		c.now = c.now.Add(announceEvery)
		if !hears {
			continue
		}
		n := uint64(len(c.sent)) + 1
		c.sent[n] = c.now
		c.note(announcement{Deliverer: c.id, Number: n}, c.now)
		for _, a := range others {
			c.note(a, c.now)
		}
	}
}

var limits = Limits{Destination: "d", Slots: 10}

func other(id string) announcement {
	return announcement{Deliverer: id, InUse: map[string]int{"d": 0}}
}

func TestANewcomerWaitsUntilTheOthersHaveHeardIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	require.Zero(t, c.part(limits, c.now))
	c.after(announceEvery, true, other("x"))
	require.Zero(t, c.part(limits, c.now))
	c.after(joinAfter, true, other("x"))
	require.Equal(t, Part{5, 0.5}, c.part(limits, c.now))
}

func TestWhoStopsOrIsSilentSharesNoMore(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.after(2*joinAfter, true, other("x"), other("y"))
	require.InDelta(t, 1.0/3, c.part(limits, c.now).Rate, 1e-9)
	c.note(announcement{Deliverer: "x", Stops: true}, c.now)
	require.Equal(t, Part{5, 0.5}, c.part(limits, c.now))
	c.after(aliveFor+announceEvery, true)
	require.Equal(t, Part{10, 1}, c.part(limits, c.now))
	c.note(announcement{Deliverer: "z", InUse: map[string]int{"another": 9}}, c.now)
	require.Equal(t, Part{10, 1}, c.part(limits, c.now), "it does not serve the destination")
}

func TestWithoutALeaseTheLastPartSinks(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.after(2*joinAfter, true, other("x"))
	require.Equal(t, Part{5, 0.5}, c.part(limits, c.now))
	c.after(lastPart-time.Second, false)
	require.Equal(t, Part{5, 0.5}, c.part(limits, c.now), "the last part is good for a while")
	c.after(halving, false)
	require.Equal(t, Part{2, 0.25}, c.part(limits, c.now))
	c.after(10*halving, false)
	require.Equal(t, Part{1, leastPart}, c.part(limits, c.now))
	c.after(announceEvery, true, other("x"))
	require.Zero(t, c.part(limits, c.now), "the others use all of it: it joins anew")
	c.after(joinAfter, true, other("x"))
	require.Equal(t, Part{5, 0.5}, c.part(limits, c.now))
}

func TestWhoNeverHearsItselfUsesTheWholeLimit(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.after(patience, false)
	require.Zero(t, c.part(limits, c.now))
	c.after(announceEvery, false)
	require.Equal(t, Part{10, 1}, c.part(limits, c.now))
}
