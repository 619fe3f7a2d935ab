package deliver

import (
	"context"
	"fmt"
	"sync/atomic"
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
// not while it is paused, and one alone after a pause.
type admission struct {
	gate    *consume.Gate
	slots   *semaphore.Weighted
	all     int64 // slots there are
	limiter *rate.Limiter
	probing atomic.Bool // a pause was asked for, and no attempt has succeeded since
	hold    time.Duration
}

func newAdmission(d *config.Destination) *admission {
	a := &admission{
		gate:    new(consume.Gate),
		slots:   semaphore.NewWeighted(int64(d.Concurrency)),
		all:     int64(d.Concurrency),
		limiter: rate.NewLimiter(rate.Inf, 0),
		hold:    longestHold,
	}
	if d.RateLimit != nil {
		// Bursts of what a tenth of a second allows keep close to the rate.
		a.limiter = rate.NewLimiter(rate.Limit(d.RateLimit.PerSecond()), int(max(1, d.RateLimit.PerSecond()/10)))
	}
	return a
}

// enter waits for a turn and returns how to end it. The error wraps ErrHandBack
// when there is no turn to be had within the hold.
func (a *admission) enter(ctx context.Context) (leave func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, a.hold)
	defer cancel()
	slots, err := a.take(waiting)
	if err != nil {
		return nil, err
	}
	if err := a.limiter.Wait(waiting); err != nil {
		a.slots.Release(slots)
		return nil, handBack("the rate limit is reached")
	}
	return func() { a.slots.Release(slots) }, nil
}

// take takes one slot, or all of them for the one attempt that finds out whether
// the destination has recovered.
func (a *admission) take(ctx context.Context) (int64, error) {
	for {
		n := a.weight()
		if err := a.open(); err != nil {
			return 0, err
		}
		if err := a.slots.Acquire(ctx, n); err != nil {
			return 0, handBack("every slot is taken")
		}
		if n == a.weight() && a.open() == nil {
			return n, nil
		}
		a.slots.Release(n) // it was paused, or recovered, while this waited
	}
}

func (a *admission) weight() int64 {
	if a.probing.Load() {
		return a.all
	}
	return 1
}

func (a *admission) open() error {
	if a.gate.Closed() > 0 {
		return handBack("the destination is paused")
	}
	return nil
}

// pause lets nothing begin until then, and one attempt alone afterwards.
func (a *admission) pause(until time.Time) {
	a.probing.Store(true)
	a.gate.Close(until)
}

// recovered lets attempts run side by side again.
func (a *admission) recovered() { a.probing.Store(false) }

func handBack(why string) error { return fmt.Errorf("%w: %s", consume.ErrHandBack, why) }
