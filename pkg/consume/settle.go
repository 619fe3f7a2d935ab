package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/returns"
)

// publishTimeout is how long one publish may take.
const publishTimeout = 10 * time.Second

// pace is how patiently events are settled.
type pace struct {
	settle       time.Duration // of trying to publish, before the event goes back to its queue
	first        time.Duration // the pause after a first failure; it doubles with each
	longestPause time.Duration
}

func defaultPace() pace {
	return pace{settle: 30 * time.Second, first: 100 * time.Millisecond, longestPause: 2 * time.Second}
}

// after is the pause after so many failures.
func (p pace) after(failures int) time.Duration {
	return min(p.first<<min(failures, 10), p.longestPause)
}

// backSoon is how long a fresh copy of an event stays away that is handed back and came
// back before: brokers before 4.3 count every return, and being handed back must not
// make a suspect, let alone add up to the delivery limit.
const backSoon = time.Second

// settle is the last stage. Whatever is to be published, and the record of it, is
// confirmed by the broker before the event is acknowledged.
func (r *Route) settle(ctx context.Context, j job, v verdict) {
	ctx, span := r.settling(ctx, j.message, v)
	defer span.End()
	err := r.tell(ctx, j.message, v)
	if err == nil {
		err = r.finish(ctx, j, v)
	} else { // it may come twice, but not vanish
		err = errors.Join(err, r.handBack(ctx, j))
	}
	r.tried.note(j.message, v, err)
	r.noteUnsettled(ctx, j, v.outcome, err)
}

// noteUnsettled counts and logs an event that could not be settled. The broker gives it back
// by itself when the connection is gone.
func (r *Route) noteUnsettled(ctx context.Context, j job, o Outcome, err error) {
	if err == nil {
		return
	}
	r.metrics.unsettled(ctx)
	r.options.Log.Warn("event not settled, it will come again",
		zap.String("event", j.message.ID), zap.String("outcome", string(o)), zap.Error(err))
}

// finish does what the verdict says.
func (r *Route) finish(ctx context.Context, j job, v verdict) error {
	switch v.outcome {
	case Delivered, Filtered, Cancelled:
		return acknowledge(j)
	case Retrying:
		return r.replace(ctx, j, delayed(r.options.Route, j.message, attemptOf(j.message)+1, v.delay))
	case Postponed:
		return r.replace(ctx, j, delayed(r.options.Route, j.message, attemptOf(j.message), v.delay))
	case Dead:
		return r.bury(ctx, j, deadLetter(r.options.Route, j.message, v, time.Now()))
	default: // handed back
		return r.handBack(ctx, j)
	}
}

// replace publishes p and then acknowledges the job. When p cannot be published
// for some time the job goes back to its queue; when it never can, the broker makes
// a dead letter of what it has.
func (r *Route) replace(ctx context.Context, j job, p amqpx.Publication) error {
	return replaced(j, p, r.publish(ctx, p, isHopelessPublish))
}

// replaced settles a job for which p was to be published.
func replaced(j job, p amqpx.Publication, err error) error {
	switch {
	case err == nil:
		return acknowledge(j)
	case errors.Is(err, amqpx.ErrInvalid):
		return errors.Join(fmt.Errorf("publish to %s: %w", p.Exchange, err), j.Reject())
	default:
		return errors.Join(fmt.Errorf("publish to %s: %w", p.Exchange, err), j.Release())
	}
}

// publish insists on publishing p, unless an error is hopeless.
func (r *Route) publish(ctx context.Context, p amqpx.Publication, hopeless func(error) bool) error {
	return r.insist(ctx, func(ctx context.Context) error { return r.publishOnce(ctx, p) }, hopeless)
}

// publishOnce publishes p. When a delay level refuses it, another one takes it.
func (r *Route) publishOnce(ctx context.Context, p amqpx.Publication) error {
	for {
		err := r.publisher.Publish(ctx, p)
		shorter, ok := returns.Shorter(p)
		if !ok || !isRefusal(err) {
			return err
		}
		p = shorter
	}
}

func isHopelessPublish(err error) bool { return errors.Is(err, amqpx.ErrInvalid) }

// insist tries for as long as the pace says, unless an error is hopeless.
func (r *Route) insist(ctx context.Context, try func(context.Context) error, hopeless func(error) bool) error {
	ctx, cancel := context.WithTimeout(ctx, r.pace.settle)
	defer cancel()
	for failures := 0; ; failures++ {
		err := once(ctx, try)
		if err == nil || hopeless(err) {
			return err
		}
		if pause(ctx, r.pace.after(failures)) != nil {
			return err
		}
	}
}

func once(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return try(ctx)
}

// handBack returns an event untried, after a moment, so that one that keeps coming
// does not spin.
func (r *Route) handBack(ctx context.Context, j job) error {
	_ = pause(ctx, r.pace.after(j.returns)) // cut short when the process stops
	if j.returns < suspectAfter || ctx.Err() != nil {
		return j.Release()
	}
	return r.replace(ctx, j, r.returning(j, backSoon))
}

func attemptOf(m *event.Message) int { return max(int(m.Int(event.HeaderAttempt)), 1) }
