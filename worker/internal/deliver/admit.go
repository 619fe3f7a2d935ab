package deliver

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
)

// longestHold is how long an event waits for its turn while it is unacknowledged.
// After that it goes back to its queue, which is the better place to wait.
const longestHold = 5 * time.Second

// unusedRest is how long routes rest when other deliverers use all of a limit. It is set again
// before it ends.
const unusedRest = time.Second

// admission lets attempts begin: within what this process may use of the destination's
// concurrency and rate, not while it is paused, and few at first after a pause.
type admission struct {
	gate    *consume.Gate
	ramp    *ramp
	rate    float64 // of all deliverers, a second; 0: there is no limit
	limiter *rate.Limiter
	hold    time.Duration
}

// turn is an admitted attempt.
type turn struct{ era int }

func newAdmission(d *config.Destination) *admission {
	a := &admission{gate: new(consume.Gate), ramp: newRamp(d.Concurrency * perRequest(d)), limiter: rate.NewLimiter(rate.Inf, 0), hold: longestHold}
	if d.RateLimit != nil {
		a.rate = d.RateLimit.PerSecond()
		a.limiter = rate.NewLimiter(rate.Limit(a.rate), burstOf(a.rate))
	}
	return a
}

// perRequest is how many events one request carries at most.
func perRequest(d *config.Destination) int {
	if d.Batch == nil {
		return 1
	}
	return d.Batch.Max
}

// burstOf is what a tenth of a second allows: bursts of so many keep close to the rate.
func burstOf(perSecond float64) int { return int(max(1, perSecond/10)) }

// use sets what this process may use of the destination's limits: so many attempts at once,
// and that part of the rate, 0 to 1. While it may use nothing, its routes rest.
func (a *admission) use(slots int, part float64, now time.Time) {
	a.ramp.widen(slots)
	if a.rate > 0 && part > 0 {
		a.limiter.SetLimitAt(now, rate.Limit(a.rate*part))
		a.limiter.SetBurstAt(now, burstOf(a.rate*part))
	}
	if slots == 0 {
		a.gate.Close(now.Add(unusedRest))
	}
}

// enter waits for a turn, which leave ends. The error wraps ErrHandBack when there
// is no turn to be had within the hold.
func (a *admission) enter(ctx context.Context) (turn, error) {
	waiting, cancel := context.WithTimeout(ctx, a.hold)
	defer cancel()
	t, err := a.take(waiting)
	if err != nil {
		return turn{}, err
	}
	if err := a.limiter.Wait(waiting); err != nil {
		a.leave(t)
		return turn{}, handBack("the rate limit is reached")
	}
	return t, nil
}

func (a *admission) leave(turn) { a.ramp.slots.release() }

// take takes a place when there is one, unless the destination was paused meanwhile.
func (a *admission) take(ctx context.Context) (turn, error) {
	if err := a.open(); err != nil {
		return turn{}, err
	}
	if err := a.ramp.slots.acquire(ctx); err != nil {
		return turn{}, handBack("every slot is taken")
	}
	t := turn{a.ramp.begun()}
	if err := a.open(); err != nil {
		a.leave(t)
		return turn{}, err
	}
	return t, nil
}

func (a *admission) open() error {
	if a.gate.Closed() > 0 {
		return handBack("the destination is paused")
	}
	return nil
}

// pause lets nothing begin until then, and one attempt alone afterwards.
func (a *admission) pause(until time.Time) {
	a.ramp.restart()
	a.gate.Close(until)
}

func handBack(why string) error { return fmt.Errorf("%w: %s", consume.ErrHandBack, why) }
