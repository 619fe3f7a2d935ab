package consume

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// filter is the second stage. It stops an event that the route does not want, and
// one that the filter cannot judge: no retry would change that.
func (r *Route) filter(ctx context.Context, e *event.Event) (v verdict, stop bool) {
	if r.options.Filter == nil {
		return verdict{}, false
	}
	wanted, err := ask(ctx, r.options.Filter, e)
	switch {
	case err != nil:
		return undecided(ctx, fault.ReasonFilter, err), true // a filter of the configuration names itself
	case !wanted:
		return verdict{outcome: Filtered}, true
	default:
		return verdict{}, false
	}
}

func ask(ctx context.Context, filter Filter, e *event.Event) (wanted bool, err error) {
	defer recovering(&err)
	return filter(ctx, e)
}

// undecided is what becomes of an event that a rule failed on: a dead letter, with the
// error's own reason or else the rule's. An event whose rule was stopped goes back.
func undecided(ctx context.Context, reason fault.Reason, err error) verdict {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return verdict{outcome: HandedBack, err: err}
	}
	if own := fault.ReasonOf(err); own != fault.ReasonInternal {
		reason = own
	}
	return verdict{outcome: Dead, reason: reason, err: err}
}
