package consume

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/retry"
)

// judge is the sixth stage: it decides what becomes of the event after err.
func (r *Route) judge(ctx context.Context, e *event.Event, err error) verdict {
	var panicked *panicError
	switch {
	case err == nil:
		return verdict{outcome: Delivered}
	case errors.As(err, &panicked):
		return r.again(e, fault.Because(fault.ReasonPanic, err))
	case errors.Is(err, ErrHandBack), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return verdict{outcome: HandedBack, err: err}
	case errors.Is(err, ErrPostpone):
		return verdict{outcome: Postponed, delay: r.options.Retry.Delay(e.Attempt, rand.Float64), err: err}
	case r.isPermanent(err):
		return verdict{outcome: Dead, reason: fault.ReasonOf(err), status: statusOf(err), err: err}
	default:
		return r.again(e, err)
	}
}

// isPermanent reports whether the route makes no further attempt after err. Retry.On speaks
// about answers with an HTTP status; without an answer, the failure itself decides.
func (r *Route) isPermanent(err error) bool {
	transient := !fault.IsPermanent(err) || r.options.RetryPermanent
	if status := statusOf(err); status != 0 {
		return !r.options.Retry.Retries(status, transient)
	}
	return !transient
}

// again decides whether there is a next attempt, and when.
func (r *Route) again(e *event.Event, err error) verdict {
	wait, _ := fault.Wait(err)
	d := r.options.Retry.Next(retry.Failure{Attempt: e.Attempt, Age: time.Since(e.Began()), Wait: wait}, rand.Float64)
	v := verdict{outcome: Retrying, reason: fault.ReasonOf(err), status: statusOf(err), delay: d.Delay, err: err}
	if d.GiveUp {
		v.outcome, v.reason, v.last = Dead, d.Reason, v.reason
	}
	return v
}

func statusOf(err error) int {
	var e interface{ HTTPStatus() int }
	if errors.As(err, &e) {
		return e.HTTPStatus()
	}
	return 0
}
