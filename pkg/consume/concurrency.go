package consume

import (
	"context"
	"fmt"
)

// prefetch is how many events a route holds: five times as many as its handler runs calls,
// because one that is being settled waits for the broker, and meanwhile the next ones may
// begin. The more are settled at a time, the fewer messages their records and
// acknowledgements need; but what is held here waits, although another process may be idle.
// A handler that is called once at a time gets the events of each queue in their order.
func (o Options) prefetch() int {
	if o.Concurrency == 1 {
		return 2 // one of each queue
	}
	return 5 * o.Concurrency
}

// enter waits for the event's turn to be handled. It returns what ends the turn, or why
// the event had better not wait any longer.
func (r *Route) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-r.turns }
	if err := r.awaitTurn(ctx); err != nil {
		return nil, err
	}
	if r.options.Pause.Closed() > 0 {
		leave()
		return nil, fmt.Errorf("%w: %s", ErrHandBack, r.obstacle())
	}
	return leave, nil
}

// awaitTurn waits until the event has a turn.
func (r *Route) awaitTurn(ctx context.Context) error {
	select {
	case r.turns <- struct{}{}:
		return nil
	default:
	}
	for closed := r.options.Gate.watch(); ; closed = r.options.Gate.watch() {
		if why := r.obstacle(); why != "" {
			return fmt.Errorf("%w: %s", ErrHandBack, why)
		}
		select {
		case r.turns <- struct{}{}:
			return nil
		case <-closed:
		case <-r.stopping:
			return fmt.Errorf("%w: the route stops", ErrHandBack)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrHandBack, context.Cause(ctx))
		}
	}
}
