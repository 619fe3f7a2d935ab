package deliver

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
)

// longestHold is how long an event waits for its turn while it is unacknowledged.
// After that it goes back to its queue, which is the better place to wait.
const longestHold = 5 * time.Second

// admission lets attempts begin: within the destination's concurrency and rate,
// not while it is paused, and few at first after a pause.
type admission struct {
	gate    *consume.Gate
	slots   *semaphore.Weighted
	ramp    *ramp
	limiter *rate.Limiter
	hold    time.Duration
}

// turn is an admitted attempt.
type turn struct {
	slots int64
	era   int
}

func newAdmission(d *config.Destination) *admission {
	a := &admission{
		gate:    new(consume.Gate),
		slots:   semaphore.NewWeighted(int64(d.Concurrency)),
		ramp:    newRamp(int64(d.Concurrency)),
		limiter: rate.NewLimiter(rate.Inf, 0),
		hold:    longestHold,
	}
	if d.RateLimit != nil {
		// Bursts of what a tenth of a second allows keep close to the rate.
		a.limiter = rate.NewLimiter(rate.Limit(d.RateLimit.PerSecond()), int(max(1, d.RateLimit.PerSecond()/10)))
	}
	return a
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

func (a *admission) leave(t turn) { a.slots.Release(t.slots) }

// take takes as many slots as one attempt needs now.
func (a *admission) take(ctx context.Context) (turn, error) {
	for {
		slots, era := a.ramp.share()
		if err := a.open(); err != nil {
			return turn{}, err
		}
		if err := a.slots.Acquire(ctx, slots); err != nil {
			return turn{}, handBack("every slot is taken")
		}
		if now, _ := a.ramp.share(); now == slots && a.open() == nil {
			return turn{slots, era}, nil
		}
		a.slots.Release(slots) // it was paused, or recovered, while this waited
	}
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
