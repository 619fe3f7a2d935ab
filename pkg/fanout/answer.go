package fanout

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// errSilent is why a queue is shut that does not answer.
var errSilent = errors.New("it does not answer, while others do")

// takeAnswer takes the broker's answer.
func (c *copied) takeAnswer(answer error) {
	c.dispatch.fanout.options.Doubt(answer)
	refused := errors.Is(answer, amqpx.ErrNacked) || errors.Is(answer, amqpx.ErrReturned)
	switch {
	case !refused:
		c.end(answer)
	case c.target.free: // it is for queues of others: there are none, or they refuse
		if errors.Is(answer, amqpx.ErrNacked) {
			c.refused = true
		}
		c.end(nil)
	default:
		c.deferCopy(answer)
	}
}

// endUnanswered ends the copy without an answer, which may come later.
func (c *copied) endUnanswered() {
	c.dispatch.missing.Add(1)
	err := c.sent.Leave(c.dispatch.late)
	if !errors.Is(err, amqpx.ErrUnknown) {
		c.dispatch.missing.Add(-1)
	}
	c.sent = nil
	c.end(err)
}

// giveUpQueue gives up on a queue that does not answer. The copy may be there all the same: it is
// in the deferred queue a second time then.
func (c *copied) giveUpQueue() {
	if c.sent != nil {
		if answer := c.sent.Leave(nil); !errors.Is(answer, amqpx.ErrUnknown) {
			c.sent = nil
			c.takeAnswer(answer)
			return
		}
		c.sent = nil
	}
	if c.target.free {
		c.dispatch.fanout.shut(c.health, errSilent)
		c.end(nil)
		return
	}
	c.deferCopy(fmt.Errorf("%w: %w", amqpx.ErrUnknown, errSilent))
}

// giveUpConnection gives up on a connection that answers nothing while others do.
func (c *copied) giveUpConnection() {
	c.sent.Abandon()
	c.group.Elsewhere(c.sent)
	if c.sent.First() || c.moved {
		c.giveUpQueue()
		return
	}
	if answer := c.sent.Leave(nil); !errors.Is(answer, amqpx.ErrUnknown) {
		c.sent = nil
		c.takeAnswer(answer)
		return
	}
	c.sent, c.moved, c.since = nil, true, time.Now()
}

// stray has the copy go to the unrouted events, when its queues are gone and the newest
// configuration has no such route: it was removed while the event was on its way. It reports
// whether that is so.
func (c *copied) stray(cause error) bool {
	f, d := c.dispatch.fanout, c.dispatch
	if c.target.route == "" || !errors.Is(cause, amqpx.ErrReturned) || f.plan.Load().has(d.event, c.target.route) {
		return false
	}
	d.routes = slices.DeleteFunc(d.routes, func(route string) bool { return route == c.target.route })
	c.target, c.deferred, c.moved, c.sent = unrouted(d.event), false, false, nil
	c.health, c.again = f.health(c.target.queue), true
	return true
}

// deferCopy has the copy go to the deferred queue, as its own one does not take it. It is false
// when there is none, or that was it: the copy has ended.
func (c *copied) deferCopy(cause error) bool {
	if !c.deferred {
		c.dispatch.fanout.shut(c.health, cause)
	}
	if c.deferred || c.target.deferred == "" {
		if !c.stray(cause) {
			c.end(cause)
		}
		return false
	}
	c.deferred, c.moved, c.since = true, false, time.Now()
	return true
}
