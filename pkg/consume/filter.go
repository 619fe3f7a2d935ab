package consume

import (
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// filter is the second stage. It stops an event that the route does not want, and
// one that the filter cannot judge: no retry would change that.
func (r *Route) filter(e *event.Event) (v verdict, stop bool) {
	if r.options.Filter == nil {
		return verdict{}, false
	}
	wanted, err := ask(r.options.Filter, e)
	switch {
	case err != nil:
		return verdict{outcome: Dead, reason: fault.ReasonFilter, err: fmt.Errorf("filter: %w", err)}, true
	case !wanted:
		return verdict{outcome: Filtered}, true
	default:
		return verdict{}, false
	}
}

func ask(filter func(*event.Event) (bool, error), e *event.Event) (wanted bool, err error) {
	defer recovering(&err)
	return filter(e)
}
