package consume

import (
	"context"
	"fmt"
)

// queueAhead is how many times more events a route holds than its handler runs calls. An
// event that is being settled waits for the broker, and meanwhile the next one may begin.
const queueAhead = 2

// enter waits for the event's turn to be handled. It returns what ends the turn, or why
// the event had better not wait any longer.
func (r *Route) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-r.turns }
	select {
	case r.turns <- struct{}{}:
		return leave, nil
	default:
	}
	for closed := r.options.Gate.watch(); ; closed = r.options.Gate.watch() {
		if why := r.obstacle(); why != "" {
			return nil, fmt.Errorf("%w: %s", ErrHandBack, why)
		}
		select {
		case r.turns <- struct{}{}:
			return leave, nil
		case <-closed:
		case <-r.stopping:
			return nil, fmt.Errorf("%w: the route stops", ErrHandBack)
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrHandBack, context.Cause(ctx))
		}
	}
}
