package deliver

import (
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
)

// When the breaker opens, and for how long.
const (
	breakerWindow   = 30 * time.Second // over which failures are counted
	breakerLeast    = 20               // attempts within it, before their failures mean anything
	breakerShare    = 0.5              // of failed attempts
	breakerOpenTime = 15 * time.Second // until a single attempt may find out more
)

// newBreaker makes the destination's circuit breaker. While it is open the
// destination is paused, so that its events wait in their queues untried.
func newBreaker(name string, show, leaves func(gobreaker.State), opened func(until time.Time)) *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         name,
		MaxRequests:  1,
		Interval:     breakerWindow,
		BucketPeriod: breakerWindow / 10,
		Timeout:      breakerOpenTime,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.Requests >= breakerLeast && float64(c.TotalFailures) >= breakerShare*float64(c.Requests)
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			show(to)
			leaves(from)
			if to == gobreaker.StateOpen {
				opened(time.Now().Add(breakerOpenTime))
			}
		},
		IsSuccessful: healthy,
		IsExcluded:   func(err error) bool { return errors.Is(err, consume.ErrHandBack) },
	})
}

// healthy tells whether the destination did its part: it accepted the event, or
// refused it for good reason, or asked for time.
func healthy(err error) bool {
	return err == nil || fault.IsPermanent(err) || fault.ReasonOf(err) == fault.ReasonThrottled
}
