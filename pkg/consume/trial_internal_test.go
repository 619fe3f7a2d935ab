package consume

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestATrialBeginsWhenNoOtherSuspectIsInHand(t *testing.T) {
	t.Parallel()
	var trials trials
	leaveFirst, alone := trials.enter(t.Context())
	require.True(t, alone)
	leaveOther, alone := trials.enter(t.Context())
	require.False(t, alone, "there is a trial")
	leaveFirst()

	began := make(chan func())
	go func() {
		leave, alone := trials.enter(t.Context())
		if alone {
			began <- leave
		}
	}()
	require.Eventually(t, func() bool {
		trials.mu.Lock()
		defer trials.mu.Unlock()
		return trials.alone != nil
	}, 10*time.Second, time.Millisecond)
	select {
	case <-began:
		require.Fail(t, "the other one is still in hand")
	default:
	}
	leaveOther()
	leave := <-began
	leave()
	leave()
	require.Zero(t, trials.hands)
	require.False(t, trials.running)
}

type lossy int

func (l lossy) LostWithin(time.Duration) int { return int(l) }

func TestAnEventThatCameBackWithALostConnectionIsNoSuspect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lost, returns int
		suspect       bool
	}{{0, 1, false}, {0, 2, true}, {1, 2, false}, {1, 3, true}, {3, 4, false}, {3, 5, true}} {
		r := &Route{connections: []connections{lossy(0), lossy(c.lost)}}
		require.Equal(t, c.suspect, r.suspects(job{returns: c.returns}), c)
	}
}

func TestEachSuspectComesBackInASecondOfItsOwn(t *testing.T) {
	t.Parallel()
	var trials trials
	now := time.Now()
	for n := range 56 {
		require.Equal(t, trialBack+time.Duration(n)*time.Second, trials.away(now))
	}
	require.Equal(t, trialBack, trials.away(now), "no suspect stays away for longer than a minute")
	require.Equal(t, trialBack+time.Second, trials.away(now.Add(3*time.Millisecond)), "delays have whole seconds")
}

func TestATrialWaitsForNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	var trials trials
	leaveFirst, _ := trials.enter(t.Context())
	leaveOther, _ := trials.enter(t.Context())
	leaveFirst()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	leave, alone := trials.enter(ctx)
	require.False(t, alone)
	leave()
	leaveOther()
	require.Zero(t, trials.hands)
	require.False(t, trials.running)
}
