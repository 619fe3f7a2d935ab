package retry_test

import (
	"math/bits"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/retry"
)

func TestAScheduleIsKeptToTheSecondAndThenEnds(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Schedule: []time.Duration{1500 * time.Millisecond, time.Minute, time.Hour}}
	require.NoError(t, p.Validate())
	for i, want := range []time.Duration{2 * time.Second, time.Minute, time.Hour} {
		require.Equal(t, retry.Decision{Delay: want}, p.Next(retry.Failure{Attempt: i + 1, Age: 1 << 62}, middle))
	}
	require.Equal(t, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAttempts}, p.Next(retry.Failure{Attempt: 4}, middle))
	require.Equal(t, time.Hour, p.Delay(4, middle), "an event that is put off waits as long as before")
	require.Equal(t, retry.Decision{Delay: time.Hour + 5*time.Minute}, p.Next(retry.Failure{Attempt: 3, Wait: time.Hour + 5*time.Minute}, middle))
}

func TestAScheduleWithAnAgeEndsEarlier(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Schedule: []time.Duration{time.Second, time.Hour}, MaxAge: time.Hour}
	require.Equal(t, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAge}, p.Next(retry.Failure{Attempt: 2, Age: time.Second}, middle))
}

func TestTheJitterOfAScheduleStaysWithinItsShareAndThreeBits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wait := time.Duration(rapid.Int64Range(int64(time.Second), int64(retry.Longest)).Draw(t, "wait"))
		p := retry.Policy{Schedule: []time.Duration{wait}, Jitter: rapid.Float64Range(0.01, 1).Draw(t, "jitter")}
		require.NoError(t, p.Validate())
		got := p.Next(retry.Failure{Attempt: 1}, drawRandom(t)).Delay
		require.LessOrEqual(t, bits.OnesCount64(wholeSeconds(t, got)), 3)
		require.GreaterOrEqual(t, got.Seconds(), max(1, wait.Seconds()*(1-p.Jitter)-0.5)*0.875)
		require.LessOrEqual(t, got.Seconds(), min(wait.Seconds()*(1+p.Jitter)+0.5, retry.Longest.Seconds()))
	})
}

func TestAScheduleIsRefused(t *testing.T) {
	t.Parallel()
	for text, p := range map[string]retry.Policy{
		"wait 2, 0s, is not within 1s": {Schedule: []time.Duration{time.Second, 0}},
		"it replaces initial":          {Schedule: []time.Duration{time.Second}, Initial: time.Second},
		"more than 100 waits":          {Schedule: make([]time.Duration, 101)},
	} {
		require.ErrorContains(t, p.Validate(), text)
	}
	require.True(t, retry.Policy{}.IsZero())
	for _, p := range []retry.Policy{{Schedule: []time.Duration{1}}, {On: []retry.Statuses{{}}}, {Initial: 1}, {Factor: 1}, {Jitter: 1}, {Max: 1}, {MaxAttempts: 1}, {MaxAge: 1}} {
		require.False(t, p.IsZero())
	}
}
