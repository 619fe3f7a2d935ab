package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func TestATrackerKilledInTheMiddleOfAReplayLosesNothing(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]trackerclient.State{"dead letters": trackerclient.Dead, "archive": trackerclient.Delivered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 2000
			in := installReplaying(t)
			in.refuse.Store(state == trackerclient.Dead)
			in.start("deliver")
			first := in.start("track")
			first.says(t, "this tracker is (active)")
			second := in.start("track")
			api := in.client(second)
			in.accept(n)
			require.Eventually(t, func() bool {
				counts := in.counts(api)
				return counts.Dead == n || counts.Delivered == n
			}, 2*time.Minute, 200*time.Millisecond)
			in.mu.Lock()
			clear(in.received)
			in.mu.Unlock()
			in.refuse.Store(false)

			job := in.job(api, trackerclient.JobRequest{
				Kind: trackerclient.Replay, Filter: trackerclient.Filter{State: &state, Route: new("invoices")}, RatePerSecond: new(400),
			})
			require.Eventually(t, func() bool { return in.distinct() > n/4 }, time.Minute, 5*time.Millisecond)
			require.NoError(t, first.Process.Kill())
			require.Error(t, first.Wait())
			require.Less(t, in.distinct(), n, "it was in the middle")

			ended, err := trackerclient.Wait(in.ctx, api, job.Id, nil)
			require.NoError(t, err)
			require.Equal(t, trackerclient.Done, ended.State)
			require.EqualValues(t, n, *ended.Total)
			require.Eventually(t, func() bool { return in.distinct() == n }, time.Minute, 20*time.Millisecond, "every event is delivered")
			require.Eventually(t, func() bool {
				return in.counts(api) == trackerclient.Counts{Delivered: n} && in.Depth(t, topology.DeadQueue("invoices")) == 0
			}, time.Minute, 100*time.Millisecond)
			in.mu.Lock()
			defer in.mu.Unlock()
			twice := 0
			for _, times := range in.received {
				twice += times - 1
			}
			t.Logf("%d of %d came twice", twice, n)
		})
	}
}

func TestAPausedDestinationGetsNothingUntilItIsResumedWhateverIsRestarted(t *testing.T) {
	t.Parallel()
	in := installReplaying(t)
	deliverer := in.start("deliver")
	tracker := in.start("track")
	api := in.client(tracker)
	in.accept(1)
	require.Eventually(t, func() bool { return in.distinct() == 1 }, time.Minute, 20*time.Millisecond)
	paused, err := api.PauseDestinationWithResponse(in.ctx, "billing")
	require.NoError(t, err)
	require.True(t, paused.JSON200.Paused)
	obeyed := func() bool {
		answer, err := api.GetDestinationWithResponse(in.ctx, "billing")
		return err == nil && len(answer.JSON200.Deliverers) > 0 &&
			answer.JSON200.Deliverers[len(answer.JSON200.Deliverers)-1].Paused
	}
	require.Eventually(t, obeyed, time.Minute, 50*time.Millisecond, "the deliverer says so")
	in.accept(20)
	require.NoError(t, deliverer.Process.Kill())
	require.Error(t, deliverer.Wait())
	in.start("deliver").says(t, "destinations and routes that are paused.*(billing)")
	require.Never(t, func() bool { return in.distinct() > 1 }, 3*time.Second, 100*time.Millisecond)
	_, err = api.ResumeDestinationWithResponse(in.ctx, "billing")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return in.distinct() == 21 }, time.Minute, 20*time.Millisecond)
}
