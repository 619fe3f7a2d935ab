package retry_test

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/retry"
)

func middle() float64 { return 0.5 }

func TestDelaysGrowByTheFactorUpToTheMaximum(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Initial: 5 * time.Second, Factor: 2, Max: time.Minute}
	for i, want := range []int{5, 10, 20, 40, 56, 56} { // 60 has four bits set
		d := p.Next(retry.Failure{Attempt: i + 1}, middle)
		require.Equal(t, time.Duration(want)*time.Second, d.Delay, "attempt %d", i+1)
		require.False(t, d.GiveUp)
	}
}

func TestGivingUp(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Initial: 10 * time.Second, Factor: 1, Max: time.Minute, MaxAttempts: 3, MaxAge: time.Hour}
	tests := map[string]struct {
		failure retry.Failure
		want    retry.Decision
	}{
		"first attempt":        {retry.Failure{Attempt: 1}, retry.Decision{Delay: 10 * time.Second}},
		"last but one":         {retry.Failure{Attempt: 2}, retry.Decision{Delay: 10 * time.Second}},
		"last attempt":         {retry.Failure{Attempt: 3}, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAttempts}},
		"past the last":        {retry.Failure{Attempt: 9}, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAttempts}},
		"just young enough":    {retry.Failure{Attempt: 1, Age: time.Hour - 10*time.Second}, retry.Decision{Delay: 10 * time.Second}},
		"too old by then":      {retry.Failure{Attempt: 1, Age: time.Hour - 9*time.Second}, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAge}},
		"a wait past the age":  {retry.Failure{Attempt: 1, Wait: 2 * time.Hour}, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAge}},
		"attempts come first":  {retry.Failure{Attempt: 3, Age: 2 * time.Hour}, retry.Decision{GiveUp: true, Reason: fault.ReasonMaxAttempts}},
		"a wait of four bits":  {retry.Failure{Attempt: 1, Wait: 15 * time.Second}, retry.Decision{Delay: 15 * time.Second}},
		"a wait is rounded up": {retry.Failure{Attempt: 1, Wait: 10*time.Second + 1}, retry.Decision{Delay: 11 * time.Second}},
		"a wait past maximum":  {retry.Failure{Attempt: 1, Wait: 5 * time.Minute}, retry.Decision{Delay: 5 * time.Minute}},
		"a negative attempt":   {retry.Failure{Attempt: -4}, retry.Decision{Delay: 10 * time.Second}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, p.Next(tc.failure, middle))
		})
	}
}

func TestADelayIsTheSameForOneThatNeverGivesUp(t *testing.T) {
	t.Parallel()
	p := retry.Default()
	p.MaxAttempts, p.MaxAge = 0, 0
	for attempt := range 40 {
		want := p.Next(retry.Failure{Attempt: attempt}, middle).Delay
		require.Equal(t, want, retry.Default().Delay(attempt, middle))
	}
}

func TestWithoutLimitsItNeverGivesUp(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Initial: time.Second, Factor: 3, Max: time.Hour}
	d := p.Next(retry.Failure{Attempt: 1 << 40, Age: 1 << 62}, middle)
	require.Equal(t, retry.Decision{Delay: 3584 * time.Second}, d)
}

func drawPolicy(t *rapid.T) retry.Policy {
	p := retry.Policy{
		Initial: time.Duration(rapid.Int64Range(int64(time.Second), int64(retry.Longest)).Draw(t, "initial")),
		Factor:  rapid.Float64Range(1, 100).Draw(t, "factor"),
		Jitter:  rapid.Float64Range(0, 1).Draw(t, "jitter"),
	}
	p.Max = time.Duration(rapid.Int64Range(int64(p.Initial), int64(retry.Longest)).Draw(t, "max"))
	require.NoError(t, p.Validate())
	return p
}

func drawRandom(t *rapid.T) func() float64 {
	r := rapid.Float64Range(0, 0.9999999).Draw(t, "random")
	return func() float64 { return r }
}

func wholeSeconds(t require.TestingT, d time.Duration) uint64 {
	require.Zero(t, d%time.Second, "%s is not whole seconds", d)
	return uint64(d / time.Second)
}

func TestADelayIsWithinASecondAndTheMaximumAndOfThreeBits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		d := p.Next(retry.Failure{Attempt: rapid.Int().Draw(t, "attempt")}, drawRandom(t))
		require.GreaterOrEqual(t, d.Delay, time.Second)
		require.LessOrEqual(t, d.Delay, p.Max)
		require.LessOrEqual(t, bits.OnesCount64(wholeSeconds(t, d.Delay)), 3)
	})
}

// The jitter of a fifth always finds a level, of which there is one for each number with two
// significant bits.
func TestWithinTheDefaultJitterADelayIsALevel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		p.Factor, p.Max = 1, retry.Longest
		p.Initial = min(p.Initial, retry.Longest/2)
		p.Jitter = max(p.Jitter, 0.2)
		n := wholeSeconds(t, p.Next(retry.Failure{Attempt: 1}, drawRandom(t)).Delay)
		require.LessOrEqual(t, bits.Len64(n)-bits.TrailingZeros64(n), 2, "%d s", n)
	})
}

func TestAJitterSpreadsOverAllLevelsWithinIt(t *testing.T) {
	t.Parallel()
	p := retry.Policy{Initial: 30 * time.Second, Factor: 1, Jitter: 0.7, Max: time.Hour}
	got := map[uint64]int{}
	for n := range 1000 {
		got[wholeSeconds(t, p.Next(retry.Failure{Attempt: 1}, func() float64 { return float64(n) / 1000 }).Delay)]++
	}
	for _, level := range []uint64{12, 16, 24, 32, 48} {
		require.Greater(t, got[level], 50, "%d s", level)
	}
	require.Len(t, got, 5)
}

func TestAWaitIsHonouredAndNeverOutlastsItsCap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		wait := time.Duration(rapid.Int64().Draw(t, "wait"))
		d := p.Next(retry.Failure{Attempt: rapid.IntRange(1, 50).Draw(t, "attempt"), Wait: wait}, drawRandom(t))
		require.GreaterOrEqual(t, d.Delay, min(wait, retry.LongestWait))
		require.LessOrEqual(t, d.Delay, max(p.Max, retry.LongestWait))
		wholeSeconds(t, d.Delay)
	})
}

func TestWithoutJitterALaterAttemptNeverWaitsLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		p.Jitter = 0
		attempt := rapid.IntRange(1, 60).Draw(t, "attempt")
		sooner := p.Next(retry.Failure{Attempt: attempt}, middle).Delay
		later := p.Next(retry.Failure{Attempt: attempt + 1}, middle).Delay
		require.GreaterOrEqual(t, later, sooner)
	})
}

func TestRoundingCostsAtMostAnEighth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		exact := time.Duration(rapid.Int64Range(int64(4*time.Second), int64(retry.Longest-time.Second)).Draw(t, "exact"))
		p := retry.Policy{Initial: exact, Factor: 1, Max: retry.Longest}
		got := p.Next(retry.Failure{Attempt: 1}, middle).Delay
		require.InEpsilon(t, exact.Seconds(), got.Seconds(), 0.125)
	})
}

func TestJitterStaysWithinItsShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		p.Factor, p.Max = 1, retry.Longest
		got := p.Next(retry.Failure{Attempt: 1}, drawRandom(t)).Delay.Seconds()
		exact := p.Initial.Seconds()
		require.GreaterOrEqual(t, got, max(1, exact*(1-p.Jitter)-0.5)*0.875)
		require.LessOrEqual(t, got, exact*(1+p.Jitter)+0.5)
	})
}

func ExamplePolicy_Next() {
	policy := retry.Policy{Initial: 5 * time.Second, Factor: 2, Max: time.Hour, MaxAttempts: 4}
	for attempt := 1; attempt <= 4; attempt++ {
		d := policy.Next(retry.Failure{Attempt: attempt}, func() float64 { return 0.5 })
		fmt.Printf("%s %t %q\n", d.Delay, d.GiveUp, d.Reason)
	}
	// Output:
	// 5s false ""
	// 10s false ""
	// 20s false ""
	// 0s true "max-attempts"
}
