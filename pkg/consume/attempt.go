package consume

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// attempt is the fifth stage: it calls the handler.
func (r *Route) attempt(ctx context.Context, e *event.Event) error {
	timed, cancel := ctx, context.CancelFunc(func() {})
	if r.options.Timeout > 0 {
		timed, cancel = context.WithTimeout(ctx, r.options.Timeout)
	}
	defer cancel()
	return explain(timed, call(timed, r.options.Handler, e))
}

func call(ctx context.Context, h Handler, e *event.Event) (err error) {
	defer recovering(&err)
	return h.Handle(ctx, e)
}

// explain gives a handler's error the reason that it did not give itself.
func explain(ctx context.Context, err error) error {
	switch {
	case fault.ReasonOf(err) != fault.ReasonInternal:
		return err
	case errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.Because(fault.ReasonTimeout, err)
	default:
		return fault.Because(fault.ReasonHandler, err)
	}
}
