package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
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

// mostReturns is how often an event may have gone back to its queue before handing
// it back makes a fresh copy of it: brokers before 4.3 count every return, and
// being handed back must not add up to the delivery limit.
const mostReturns = 8

// settle is the last stage. Whatever is to be published is confirmed by the broker
// before the event is acknowledged.
func (r *Route) settle(ctx context.Context, j job, v verdict) {
	var err error
	switch v.outcome {
	case Delivered, Filtered:
		err = j.Ack()
	case Retrying:
		err = r.replace(ctx, j, delayed(r.options.Route, j.message, attemptOf(j.message)+1, v.delay))
	case Postponed:
		err = r.replace(ctx, j, delayed(r.options.Route, j.message, attemptOf(j.message), v.delay))
	case Dead:
		err = r.replace(ctx, j, deadLetter(r.options.Route, j.message, v, time.Now()))
	case HandedBack:
		err = r.handBack(ctx, j)
	case Panicked:
		_ = pause(ctx, r.pace.after(j.returns))
		err = j.Requeue()
	}
	if err != nil { // the broker gives the event back by itself when the connection is gone
		r.metrics.unsettled(ctx)
		r.options.Log.Warn("event not settled, it will come again",
			zap.String("event", j.message.ID), zap.String("outcome", string(v.outcome)), zap.Error(err))
	}
}

// replace publishes p and then acknowledges the job. When p cannot be published
// for some time the job goes back to its queue; when it never can, the broker makes
// a dead letter of what it has.
func (r *Route) replace(ctx context.Context, j job, p amqpx.Publication) error {
	err := r.publish(ctx, p)
	switch {
	case err == nil:
		return j.Ack()
	case errors.Is(err, amqpx.ErrInvalid):
		return errors.Join(fmt.Errorf("publish to %s: %w", p.Exchange, err), j.Reject())
	default:
		return errors.Join(fmt.Errorf("publish to %s: %w", p.Exchange, err), j.Release())
	}
}

// publish tries for as long as the pace says.
func (r *Route) publish(ctx context.Context, p amqpx.Publication) error {
	ctx, cancel := context.WithTimeout(ctx, r.pace.settle)
	defer cancel()
	for try := 0; ; try++ {
		err := r.publishOnce(ctx, p)
		if err == nil || errors.Is(err, amqpx.ErrInvalid) {
			return err
		}
		if pause(ctx, r.pace.after(try)) != nil {
			return err
		}
	}
}

func (r *Route) publishOnce(ctx context.Context, p amqpx.Publication) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return r.publisher.Publish(ctx, p)
}

// handBack returns an event untried, after a moment, so that one that keeps coming
// does not spin.
func (r *Route) handBack(ctx context.Context, j job) error {
	_ = pause(ctx, r.pace.after(j.returns)) // cut short when the process stops
	if j.returns < mostReturns || ctx.Err() != nil {
		return j.Release()
	}
	return r.replace(ctx, j, delayed(r.options.Route, j.message, attemptOf(j.message), time.Second))
}

func attemptOf(m *event.Message) int { return max(int(m.Int(event.HeaderAttempt)), 1) }
