package fanout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// awaitProbe waits for the answer to a probe.
func (c *copied) awaitProbe(ctx, soon context.Context) {
	var err error
	select {
	case err = <-c.probe.answer:
	case <-soon.Done():
		if ctx.Err() != nil {
			c.end(fmt.Errorf("%w: %w", amqpx.ErrUnknown, ctx.Err()))
			return
		}
		if !c.probe.silent() { //nolint:contextcheck // a pulse may outlive the request
			return
		}
		err = fmt.Errorf("%w: %w", amqpx.ErrUnknown, errSilent)
		if c.probe.of.untried() { // others wait to know
			c.probe.conclude(err)
		}
	}
	c.probe = nil
	switch {
	case err == nil, c.target.free:
		c.end(nil)
	case errors.Is(err, amqpx.ErrUnavailable), errors.Is(err, amqpx.ErrInvalid):
		c.end(err)
	default:
		c.dispatch.fanout.options.Doubt(err)
		c.deferCopy(err)
	}
}

// awaitPhase waits until another copy has tried the queue, and begins then.
func (c *copied) awaitPhase(ctx context.Context) {
	select {
	case <-c.waits.over:
		c.waits = nil
		c.begin(ctx)
	case <-ctx.Done():
		c.end(fmt.Errorf("%w: %w", amqpx.ErrUnavailable, errUntried))
	}
}

// awaitPlace waits for a place.
func (c *copied) awaitPlace(ctx, soon context.Context) {
	queue, p := c.target.publication(c.message, c.deferred)
	sent, err := c.group.Send(soon, queue, p, c.shutting())
	switch {
	case err == nil:
		c.sent = sent
	case !errors.Is(err, amqpx.ErrFull):
		c.end(err)
	case ctx.Err() != nil:
		c.end(fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err))
	case c.isShut():
		c.giveUpQueue()
	case c.behind: // the copies that it follows may hold up its connection: it goes over another one when they have ended
	case time.Since(c.since) >= c.dispatch.fanout.patience() && c.dispatch.fanout.answers(c.since): //nolint:contextcheck // a pulse may outlive the request
		c.giveUpQueue()
	}
}

// awaitAnswer waits for the answer.
func (c *copied) awaitAnswer(ctx, soon context.Context) {
	answer, answered := c.sent.Wait(soon, c.shutting())
	switch {
	case answered:
		c.sent = nil
		c.takeAnswer(answer)
	case ctx.Err() != nil:
		c.endUnanswered()
	case c.isShut():
		c.giveUpQueue()
	case c.sent.Age() < c.dispatch.fanout.patience():
	case c.sent.Overtaken(), c.dispatch.others(c):
		c.giveUpQueue()
	case c.sent.Stalled():
		c.giveUpConnection()
	case c.dispatch.fanout.pulse.since(time.Now().Add(-c.sent.Age()), c.dispatch.fanout): //nolint:contextcheck // a pulse may outlive the request
		c.giveUpQueue()
	}
}

// shutting returns what is closed when the queue is shut meanwhile; nil for a deferred copy.
func (c *copied) shutting() <-chan struct{} {
	if c.deferred {
		return nil
	}
	return c.health.now.Load().over
}

func (c *copied) isShut() bool {
	now := c.health.now.Load()
	return !c.deferred && now.cause != nil && (!c.behind || !now.untried())
}
