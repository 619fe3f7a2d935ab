package fanout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// copied is one copy of an event, on its way to its queue or to the deferred one.
type copied struct {
	dispatch *dispatch
	target   target
	message  *event.Message
	health   *health
	group    *amqpx.Group
	behind   bool // it must reach the broker after the copies of the step before

	deferred bool
	probe    *probe      // nil: it is none
	waits    *phase      // for the end of it; nil: it waits for none
	sent     *amqpx.Sent // nil: it waits for a place
	since    time.Time   // when it began to wait for one
	moved    bool        // it was sent over another connection, as the first one was silent
	again    bool        // it begins again, for another target

	ended   bool
	refused bool  // by a queue of others
	err     error // why it is not safe; nil when it has ended: it is
}

// errAhead is why a copy is not sent that follows others.
var errAhead = fmt.Errorf("%w: a route does not have the event", amqpx.ErrUnavailable)

// begin sends the copy, as far as that needs no waiting.
func (c *copied) begin(ctx context.Context) {
	c.again = false
	now := c.health.now.Load()
	switch {
	case now.cause == nil, c.behind && now.untried():
	case !c.behind && now.begin():
		_, p := c.target.publication(c.message, false)
		c.probe = c.dispatch.fanout.startProbe(c.health, now, p) //nolint:contextcheck // it may outlive the request
		return
	case now.untried():
		c.waits = now
		return
	case c.target.free:
		c.end(nil)
		return
	case !c.deferCopy(now.cause):
		return
	}
	c.since = time.Now()
	queue, p := c.target.publication(c.message, c.deferred)
	sent, err := c.group.TrySend(ctx, queue, p)
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
	case c.behind && c.sent == nil && c.dispatch.arrived():
		c.comeAfter(ctx)
	case c.again:
		c.begin(ctx)
	case c.probe != nil:
		c.awaitProbe(ctx, ctx2)
	case c.waits != nil:
		c.awaitPhase(ctx)
	case c.sent == nil:
		c.awaitPlace(ctx, ctx2)
	default:
		c.awaitAnswer(ctx, ctx2)
	}
}

// comeAfter begins a copy again whose step goes beside no other one any more, unless a copy of
// the step before failed.
func (c *copied) comeAfter(ctx context.Context) {
	if c.dispatch.outcome() != nil {
		c.end(errAhead)
		return
	}
	c.behind, c.group = false, c.dispatch.group
	c.begin(ctx)
}

// unsent reports whether the copy waits to be sent.
func (c *copied) unsent() bool { return !c.ended && c.probe == nil && c.sent == nil }

func (c *copied) end(err error) { c.ended, c.err = true, err }
