package fanout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// errSilent is why a queue is shut that does not answer.
var errSilent = errors.New("it does not answer, while others do")

// copied is one copy of an event, on its way to its queue or to the deferred one.
type copied struct {
	dispatch *dispatch
	target   target
	message  *event.Message
	health   *health

	deferred bool
	probe    *probe      // nil: it is none
	waits    *phase      // for the end of it; nil: it waits for none
	sent     *amqpx.Sent // nil: it waits for a place
	since    time.Time   // when it began to wait for one
	moved    bool        // it was sent over another connection, as the first one was silent

	ended bool
	err   error // why it is not safe; nil when it has ended: it is
}

// begin sends the copy, as far as that needs no waiting.
func (c *copied) begin(ctx context.Context) {
	now := c.health.now.Load()
	switch {
	case now.cause == nil:
	case now.begin():
		_, p := c.target.publication(c.message, false)
		c.probe = c.dispatch.fanout.startProbe(c.health, now, p)
		return
	case now.untried():
		c.waits = now
		return
	case c.target.free:
		c.end(nil)
		return
	case !c.turn(now.cause):
		return
	}
	c.since = time.Now()
	queue, p := c.target.publication(c.message, c.deferred)
	sent, err := c.dispatch.group.TrySend(ctx, queue, p)
	if err != nil && !errors.Is(err, amqpx.ErrFull) {
		c.end(err)
		return
	}
	c.sent = sent
}

// advance brings the copy one step further, for as long as soon allows.
func (c *copied) advance(ctx, soon context.Context) {
	ctx2, cancel := short(ctx, soon)
	defer cancel()
	switch {
	case c.probe != nil:
		c.awaitProbe(ctx, ctx2)
	case c.waits != nil:
		c.awaitPhase(ctx)
	case c.sent == nil:
		c.push(ctx, ctx2)
	default:
		c.await(ctx, ctx2)
	}
}

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
		if !c.probe.silent() {
			return
		}
		err = fmt.Errorf("%w: %w", amqpx.ErrUnknown, errSilent)
		c.probe.conclude(err)
	}
	c.probe = nil
	switch {
	case err == nil, c.target.free:
		c.end(nil)
	case errors.Is(err, amqpx.ErrUnavailable), errors.Is(err, amqpx.ErrInvalid):
		c.end(err)
	default:
		c.dispatch.fanout.options.Doubt(err)
		c.turn(err)
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

// push waits for a place.
func (c *copied) push(ctx, soon context.Context) {
	queue, p := c.target.publication(c.message, c.deferred)
	sent, err := c.dispatch.group.Send(soon, queue, p, c.shutting())
	switch {
	case err == nil:
		c.sent = sent
	case !errors.Is(err, amqpx.ErrFull):
		c.end(err)
	case ctx.Err() != nil:
		c.end(fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err))
	case c.isShut(), waited(c.since) && c.dispatch.fanout.options.Publisher.AnsweredWithin(patience):
		c.silent()
	}
}

// await waits for the answer.
func (c *copied) await(ctx, soon context.Context) {
	answer, answered := c.sent.Wait(soon, c.shutting())
	switch {
	case answered:
		c.sent = nil
		c.take(answer)
	case ctx.Err() != nil:
		c.leave()
	case c.isShut(), c.sent.Age() >= patience && (c.sent.Overtaken() || c.dispatch.others(c)):
		c.silent()
	case c.sent.Age() >= patience && c.sent.Stalled():
		c.stalled()
	}
}

// take takes the broker's answer.
func (c *copied) take(answer error) {
	c.dispatch.fanout.options.Doubt(answer)
	refused := errors.Is(answer, amqpx.ErrNacked) || errors.Is(answer, amqpx.ErrReturned)
	switch {
	case !refused:
		c.end(answer)
	case c.target.free: // it is for queues of others: there are none, or they refuse
		if errors.Is(answer, amqpx.ErrNacked) {
			c.dispatch.fanout.metrics.countForeignRefusal()
		}
		c.end(nil)
	default:
		c.turn(answer)
	}
}

// leave ends the copy without an answer, which may come later.
func (c *copied) leave() {
	c.dispatch.missing.Add(1)
	err := c.sent.Leave(c.dispatch.late)
	if !errors.Is(err, amqpx.ErrUnknown) {
		c.dispatch.missing.Add(-1)
	}
	c.sent = nil
	c.end(err)
}

// silent gives up on a queue that does not answer. The copy may be there all the same: it is
// in the deferred queue a second time then.
func (c *copied) silent() {
	if c.sent != nil {
		if answer := c.sent.Leave(nil); !errors.Is(answer, amqpx.ErrUnknown) {
			c.sent = nil
			c.take(answer)
			return
		}
		c.sent = nil
	}
	if c.target.free {
		c.dispatch.fanout.shut(c.health, errSilent)
		c.end(nil)
		return
	}
	c.turn(fmt.Errorf("%w: %w", amqpx.ErrUnknown, errSilent))
}

// stalled gives up on a connection that answers nothing while others do.
func (c *copied) stalled() {
	c.sent.Abandon()
	c.dispatch.group.Elsewhere(c.sent)
	if c.sent.First() || c.moved {
		c.silent()
		return
	}
	if answer := c.sent.Leave(nil); !errors.Is(answer, amqpx.ErrUnknown) {
		c.sent = nil
		c.take(answer)
		return
	}
	c.sent, c.moved, c.since = nil, true, time.Now()
}

// turn has the copy go to the deferred queue, as its own one does not take it. It is false
// when there is none, or that was it: the copy has ended.
func (c *copied) turn(cause error) bool {
	if c.deferred {
		c.end(cause)
		return false
	}
	c.dispatch.fanout.shut(c.health, cause)
	if c.target.deferred == "" {
		c.end(cause)
		return false
	}
	c.deferred, c.moved, c.since = true, false, time.Now()
	return true
}

func (c *copied) end(err error) {
	c.ended, c.err = true, err
	if err == nil && c.deferred {
		c.dispatch.fanout.metrics.countDeferred(c.target.queue)
	}
}

// shutting returns what is closed when the queue is shut meanwhile; nil for a deferred copy.
func (c *copied) shutting() <-chan struct{} {
	if c.deferred {
		return nil
	}
	return c.health.now.Load().over
}

func (c *copied) isShut() bool { return !c.deferred && c.health.now.Load().cause != nil }
