package consume

import (
	"cmp"
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/view"
)

// Publisher is what a route publishes through. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
	// Ready returns nil when Publish can work now.
	Ready() error
}

// settler ends a delivery, one way or the other.
type settler interface {
	Ack() error
	Release() error // does not count towards the delivery limit, where the broker can tell
	Reject() error  // the broker makes a dead letter of it
}

// job is one delivery on its way through the stages.
type job struct {
	settler
	message *event.Message
	returns int // how often it went back to its queue
}

// verdict is what is to become of a job, and why.
type verdict struct {
	outcome Outcome
	reason  fault.Reason
	last    fault.Reason      // of the last attempt, when reason is that there will be no more
	status  int               // the last HTTP status; 0: none
	delay   time.Duration     // until the next attempt
	err     error             // what went wrong; its text may quote the payload
	text    string            // that in words, with nothing of the payload
	tried   bool              // whether the handler made an attempt
	took    time.Duration     // how long the attempt took
	answer  Answer            // what the destination said to it
	span    trace.SpanContext // in which it was processed; may be empty
}

// process takes a job through all stages, once no other copy of it is under way here.
func (r *Route) process(ctx context.Context, j job) {
	settled, leave, err := r.tried.copies.begin(ctx, j.message)
	if err != nil {
		r.settle(ctx, j, verdict{outcome: HandedBack, err: err})
		return
	}
	defer leave()
	if !settled {
		r.processAlone(ctx, j)
		return
	}
	err = acknowledge(j)
	r.tried.note(j.message, verdict{outcome: Delivered}, err)
	r.options.Log.Debug("an event that came again was settled before", zap.String("event", j.message.ID), zap.Error(err))
}

// processAlone takes a job through all stages. While it is settled, another may be handled.
func (r *Route) processAlone(ctx context.Context, j job) {
	defer r.metrics.begin(ctx)()
	if isWaiting(j.message) {
		r.noteUnsettled(ctx, j, Dead, r.rebury(ctx, j))
		return
	}
	r.tried.recall(j.message)
	drop := r.held.take(r.record(j.message, status.Held, verdict{}))
	started := time.Now()
	v, end := r.inTurn(ctx, j)
	defer end()
	r.metrics.record(ctx, v, time.Since(started))
	r.log(j.message, v)
	r.settle(ctx, j, v)
	drop(v.outcome == HandedBack, v.text)
}

// inTurn takes a job through the stages when it is its turn. end has to be called when the job
// is settled.
func (r *Route) inTurn(ctx context.Context, j job) (v verdict, end func()) {
	leave, err := r.enter(ctx)
	if err != nil {
		return verdict{outcome: HandedBack, err: err}, func() {}
	}
	defer leave()
	return r.attemptUnlessCancelled(ctx, j)
}

func (r *Route) handle(ctx context.Context, j job) verdict {
	e, err := decode(j.message)
	if err != nil {
		return malformed(err)
	}
	ctx, span := r.trace(ctx, e)
	defer span.End()
	v := r.pass(ctx, j, e)
	v.span, v.text = span.SpanContext(), describeError(v.err, e)
	describe(span, v)
	r.metrics.ages.record(ctx, e, v, max(time.Since(e.ReceivedAt)-r.options.Delay, 0))
	return v
}

// pass takes an event through the stages from the second on, until one stops it.
func (r *Route) pass(ctx context.Context, j job, e *event.Event) verdict {
	if r.cameBackTooOften(j) {
		return r.afterReturns(e)
	}
	changed, v, stop := r.applyRules(ctx, e)
	if stop {
		return v
	}
	began := time.Now()
	ctx, said := WithAnswer(ctx)
	v = r.judge(ctx, e, r.attempt(ctx, changed))
	v.tried = v.outcome != HandedBack && v.outcome != Postponed
	if v.answer = said(); v.tried {
		v.took = cmp.Or(v.answer.Took, time.Since(began))
	}
	return v
}

// applyRules takes an event through the filter, the delay and the transformation. They read
// its body once, and what they read is gone before the attempt.
func (r *Route) applyRules(ctx context.Context, e *event.Event) (changed *event.Event, v verdict, stop bool) {
	ctx, done := view.Share(ctx)
	defer done()
	if v, stop := r.filter(ctx, e); stop {
		return nil, v, true
	}
	if v, stop := r.delay(e); stop {
		return nil, v, true
	}
	return r.transform(ctx, e)
}
