package returns

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// How long a message waits again that neither its queue nor the deferred one takes: as long
// as it is late, within these bounds.
const (
	leastAgain   = 4 * time.Second
	longestAgain = 64 * time.Second
)

// errNowhere means that neither a queue nor the deferred one takes a message.
var errNowhere = errors.New("no queue of the route takes it")

// carry publishes a message to its place, or to the deferred queue. The error is errNowhere
// when neither takes it.
func (m *Mover) carry(ctx context.Context, msg *event.Message, to place) error {
	now := time.Now()
	left := dueIn(msg, now)
	if to.exchange == topology.Delay {
		return m.delay(ctx, msg, left, now, passedOn)
	}
	out := *msg
	out.Headers = maps.Clone(msg.Headers)
	clean(&out)
	if to.queue == "" {
		return m.strand(ctx, &out, to.queue)
	}
	route, _ := topology.RouteOf(to.queue)
	deferred := ""
	if to.queue == topology.RouteQueue(route) {
		deferred = topology.DeferredQueue(route)
	}
	err := m.fanout.Forward(ctx, to.exchange, to.queue, deferred, &out)
	switch {
	case err == nil:
		m.metrics.late(ctx, -left)
		m.metrics.count(ctx, moved)
		return nil
	case errors.Is(err, amqpx.ErrReturned) && errors.Is(m.fanout.Cause(to.queue), amqpx.ErrReturned): // there is neither queue
		return m.strand(ctx, &out, to.queue)
	case errors.Is(err, amqpx.ErrUnavailable):
		return err
	default:
		return fmt.Errorf("%w: %w", errNowhere, err)
	}
}

// delayAgain has a message wait once more.
func (m *Mover) delayAgain(ctx context.Context, msg *event.Message) error {
	now := time.Now()
	late := -dueIn(msg, now)
	wait := time.Duration(topology.Level(int(min(max(late, leastAgain), longestAgain)/time.Second))) * time.Second
	m.tellHeld(ctx, msg, now.Add(wait), now)
	return m.delay(ctx, msg, wait, now, delayedAgain)
}

// delay has a message wait. When a level does not take it, it waits in a shorter one, and
// after that for what is left.
func (m *Mover) delay(ctx context.Context, msg *event.Message, wait time.Duration, now time.Time, why string) error {
	out := *msg
	out.Headers = maps.Clone(msg.Headers)
	p := Delay(msg.Text(event.HeaderReturnTo), &out, wait, now)
	for {
		err := m.fanout.Forward(ctx, p.Exchange, p.Key, "", p.Message)
		if err == nil {
			m.metrics.count(ctx, why)
			return nil
		}
		shorter, ok := Shorter(p)
		if !ok || errors.Is(err, amqpx.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
		p = shorter
	}
}

// strand puts a message to those whose route is gone. Its key says which queue it was for.
func (m *Mover) strand(ctx context.Context, out *event.Message, queue string) error {
	err := m.options.Publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Orphan, Key: queue, Message: out})
	if err == nil {
		m.metrics.count(ctx, stranded)
	}
	return err
}
