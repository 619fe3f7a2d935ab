package amqpx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOnlyRefusalsThatGoOnAreAReasonForAnotherConnection(t *testing.T) {
	t.Parallel()
	r, begin := newRefusals(), time.Now()
	r.note(begin)
	r.note(begin.Add(refusedFor - 1))
	require.Empty(t, r.lasting)
	r.note(begin.Add(refusedFor))
	r.note(begin.Add(refusedFor + 1))
	require.Len(t, r.lasting, 1)
}

func TestOneLineLeavesAtATimeAndOnlyWhileAnotherIsUp(t *testing.T) {
	t.Parallel()
	g, turn := newGate(2), make(chan struct{}, 1)
	a, b := &line{index: 0, gate: g, turn: turn}, &line{index: 1, gate: g, turn: turn}
	g.set(0, lineState{})
	require.False(t, a.mayLeave(), "nothing would be left")
	g.set(1, lineState{})
	require.True(t, a.mayLeave())
	require.False(t, b.mayLeave(), "not now")
	a.back()
	a.back()
	require.True(t, b.mayLeave())
	b.back()

	only := &line{gate: newGate(1), turn: make(chan struct{}, 1)}
	require.True(t, only.mayLeave())
}
