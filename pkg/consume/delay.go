package consume

import (
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// delay is the third stage: it puts an event off whose first
// attempt is not due yet. The event waits in the broker, as for a retry. What its age says
// about a clock that is behind makes no wait longer than the route's delay.
func (r *Route) delay(e *event.Event) (v verdict, stop bool) {
	if r.options.Delay == 0 || e.Attempt > 1 || e.Replay.ID != "" {
		return verdict{}, false
	}
	wait := min(r.options.Delay-time.Since(e.ReceivedAt), r.options.Delay)
	if wait <= 0 {
		return verdict{}, false
	}
	return verdict{outcome: Postponed, delay: (wait + time.Second - 1).Truncate(time.Second)}, true
}
