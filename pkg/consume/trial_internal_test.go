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
