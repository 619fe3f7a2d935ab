package retry

import (
	"math"
	"math/bits"
	"time"

	"github.com/penstock/penstock/pkg/fault"
)

// LongestWait is the longest wait that a destination can ask for; a longer one is
// cut to it. It bounds what one wrong header can hold up.
const LongestWait = 24 * time.Hour

// Failure is an attempt that failed and may be tried again.
type Failure struct {
	Attempt int           // which one it was, from 1; less counts as 1
	Age     time.Duration // of the event, since it was accepted
	Wait    time.Duration // the least wait that the destination asked for; 0: none
}

// Decision is what to do after a Failure.
type Decision struct {
	Delay  time.Duration // until the next attempt: whole seconds, at least one; 0 when giving up
	GiveUp bool          // make it a dead letter instead
	Reason fault.Reason  // why to give up: ReasonMaxAttempts or ReasonMaxAge
}

// Next decides about a failure. It asks random, which may be called from many
// goroutines at once, for one number in [0, 1) to place the delay within the
// jitter. The policy must be valid.
func (p Policy) Next(f Failure, random func() float64) Decision {
	if p.isLast(f.Attempt) {
		return Decision{GiveUp: true, Reason: fault.ReasonMaxAttempts}
	}
	delay := max(p.backoff(f.Attempt, random()), wait(f.Wait))
	if p.MaxAge > 0 && f.Age > p.MaxAge-delay {
		return Decision{GiveUp: true, Reason: fault.ReasonMaxAge}
	}
	return Decision{Delay: delay}
}

// isLast reports whether there is no attempt after this one.
func (p Policy) isLast(attempt int) bool {
	return p.MaxAttempts > 0 && attempt >= p.MaxAttempts || len(p.Schedule) > 0 && attempt > len(p.Schedule)
}

// Delay returns the wait after the given attempt, from 1, in whole seconds. It asks
// random as Next does, which it differs from in that it never gives up.
func (p Policy) Delay(attempt int, random func() float64) time.Duration {
	return p.backoff(attempt, random())
}

// backoff works in float64 seconds: growth overflows to +Inf, which Max then cuts.
func (p Policy) backoff(attempt int, random float64) time.Duration {
	if len(p.Schedule) > 0 {
		return p.scheduled(attempt, random)
	}
	grown := p.Initial.Seconds() * math.Pow(p.Factor, float64(max(attempt, 1)-1))
	capped := min(grown, p.Max.Seconds())
	longest := math.Floor(p.Max.Seconds())
	spread := min(max(capped*(1+p.Jitter*(2*random-1)), 1), longest)
	if n, ok := level(spread, capped*(1-p.Jitter), min(capped*(1+p.Jitter), longest)); ok {
		return seconds(n)
	}
	return seconds(threeBits(min(max(uint64(math.Round(spread)), 1), uint64(longest))))
}

// level returns the number with two significant bits that is nearest to n, of those that are
// within the bounds, if there is one. The broker has a delay level for it.
func level(n, least, most float64) (uint64, bool) {
	below := uint64(n)
	for bits.Len64(below)-bits.TrailingZeros64(below) > 2 {
		below &= below - 1
	}
	step := uint64(1) << max(bits.Len64(below)-2, 0)
	above := below + step
	within := func(n uint64) bool { return float64(n) >= least && float64(n) <= most }
	switch near := float64(above)-n <= n-float64(below); {
	case within(above) && (near || !within(below)):
		return above, true
	case within(below):
		return below, true
	default:
		return 0, false
	}
}

// scheduled returns the wait that the schedule names, exactly unless there is jitter. A wait
// of part of a second ends with that second.
func (p Policy) scheduled(attempt int, random float64) time.Duration {
	wait := p.Schedule[min(max(attempt, 1), len(p.Schedule))-1]
	if p.Jitter == 0 {
		return (wait + time.Second - 1).Truncate(time.Second)
	}
	spread := wait.Seconds() * (1 + p.Jitter*(2*random-1))
	return seconds(threeBits(min(max(uint64(math.Round(spread)), 1), uint64(Longest/time.Second))))
}

// threeBits keeps the three highest bits that are set. What it drops is less than
// the third of them, so less than an eighth of the whole.
func threeBits(n uint64) uint64 {
	for bits.OnesCount64(n) > 3 {
		n &= n - 1
	}
	return n
}

func wait(asked time.Duration) time.Duration {
	asked = min(max(asked, 0), LongestWait)
	return (asked + time.Second - 1).Truncate(time.Second)
}

func seconds(n uint64) time.Duration { return time.Duration(n) * time.Second }
