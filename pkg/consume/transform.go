package consume

import (
	"context"
	"errors"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// transform is the third stage: it makes what the handler gets. It stops an event
// that cannot be transformed: no retry would change that.
func (r *Route) transform(ctx context.Context, e *event.Event) (changed *event.Event, v verdict, stop bool) {
	if r.options.Transform == nil {
		return e, verdict{}, false
	}
	changed, err := apply(ctx, r.options.Transform, e)
	switch {
	case err == nil:
		return changed, verdict{}, false
	case ctx.Err() != nil && errors.Is(err, ctx.Err()): // the process stops
		return nil, verdict{outcome: HandedBack, err: err}, true
	default:
		return nil, verdict{outcome: Dead, reason: fault.ReasonTransform, err: fmt.Errorf("transform: %w", err)}, true
	}
}

func apply(ctx context.Context, t Transform, e *event.Event) (changed *event.Event, err error) {
	defer recovering(&err)
	return t(ctx, e)
}
