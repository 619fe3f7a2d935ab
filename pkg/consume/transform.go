package consume

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// transform is the fourth stage: it makes what the handler gets. It stops an event
// that cannot be transformed: no retry would change that.
func (r *Route) transform(ctx context.Context, e *event.Event) (changed *event.Event, v verdict, stop bool) {
	if r.options.Transform == nil {
		return e, verdict{}, false
	}
	changed, err := apply(ctx, r.options.Transform, e)
	if err != nil {
		return nil, undecided(ctx, fault.ReasonTransform, fmt.Errorf("transform: %w", err)), true
	}
	return changed, verdict{}, false
}

func apply(ctx context.Context, t Transform, e *event.Event) (changed *event.Event, err error) {
	defer recovering(&err)
	return t(ctx, e)
}
