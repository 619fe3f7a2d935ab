package fanout

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// dispatch is one event on its way to all its places. It belongs to one goroutine.
//
// The archive comes last: it says which routes have the event, and whoever reads it later
// relies on that, also when the gateway dies in between. On a broker whose confirms come late
// it goes a second after the routes, so that the sender does not wait for two of them:
// over the same connection, on which the broker reads it after them.
type dispatch struct {
	fanout *Fanout
	event  *Event
	group  *amqpx.Group
	behind *amqpx.Group // follows the step before, when the present one goes beside it; nil otherwise
	routes []string
	copies []*copied // those that were begun
	first  int       // of copies: where the present step begins
	more   bool      // another step follows

	missing atomic.Int32 // copies without an answer after the end
}

func newDispatch(f *Fanout, e *Event, routes []string) *dispatch {
	return &dispatch{fanout: f, event: e, group: f.options.Publisher.NewGroup(), routes: routes}
}

// run takes one step after the other, as long as all copies are safe.
func (d *dispatch) run(ctx context.Context, steps ...[]target) error {
	defer func() { d.fanout.metrics.count(ctx, d.copies) }()
	for len(steps) > 0 {
		d.begin(ctx, steps[0])
		steps = steps[1:]
		d.more = len(steps) > 0
		d.sendRest(ctx)
		if d.more && !d.settle(ctx, steps[0]) {
			continue // the broker is slow: the next step goes beside this one
		}
		d.complete(ctx)
		d.behind = nil
		if err := d.outcome(); err != nil {
			return err
		}
		d.first = len(d.copies)
	}
	return nil
}

// begin sends all copies of a step, as far as that needs no waiting.
func (d *dispatch) begin(ctx context.Context, targets []target) {
	for _, t := range targets {
		m := d.event.Message
		if t.queue == topology.Archive {
			m = recorded(m, d.routes)
		}
		c := &copied{dispatch: d, target: t, message: m, health: d.fanout.health(t.queue), group: cmp.Or(d.behind, d.group), behind: d.behind != nil}
		d.copies = append(d.copies, c)
		c.begin(ctx)
	}
}

// sendRest sends the copies that wait for their queue to be tried, or for a place. None of
// them waits for the answer to another one.
func (d *dispatch) sendRest(ctx context.Context) {
	if !slices.ContainsFunc(d.copies, (*copied).unsent) {
		return
	}
	limit, cancel := context.WithTimeout(ctx, slowly)
	defer cancel()
	for _, c := range d.copies {
		for c.unsent() && limit.Err() == nil {
			c.advance(ctx, limit)
		}
	}
}

// settle waits for the answers of a step. It is false when some are missing after a moment,
// none of the others is a refusal, and the next step can go beside this one: the broker as a
// whole is slow. A queue that is slow alone is given up soon, and its copy deferred.
func (d *dispatch) settle(ctx context.Context, next []target) bool {
	for asked := false; ; asked = true { // the first look asks for a sign of life, the next one has the answer
		d.await(ctx, slowly)
		if d.ended() || ctx.Err() != nil || d.outcome() != nil {
			return true
		}
		if d.overtaken() || !asked { //nolint:contextcheck // a pulse may outlive the request
			continue
		}
		if group, known := d.follow(); known && d.open(next) {
			d.behind = group
			return false
		}
	}
}

// overtaken reports whether the broker has answered what was sent after a copy of a step that
// has no answer.
func (d *dispatch) overtaken() bool {
	return slices.ContainsFunc(d.copies[d.first:], func(c *copied) bool {
		switch {
		case c.ended:
			return false
		case c.sent != nil:
			return c.sent.Overtaken() || c.sent.Stalled() || d.fanout.pulse.since(time.Now().Add(-c.sent.Age()), d.fanout)
		case c.probe != nil:
			return d.fanout.pulse.since(c.probe.began, d.fanout)
		default:
			return false
		}
	})
}

// await waits for the answers of a step, for so long.
func (d *dispatch) await(ctx context.Context, long time.Duration) {
	moment, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	for _, c := range d.copies[d.first:] {
		for !c.ended && moment.Err() == nil {
			c.advance(ctx, moment)
		}
	}
}

// ended reports whether every copy of a step has ended.
func (d *dispatch) ended() bool {
	return !slices.ContainsFunc(d.copies[d.first:], func(c *copied) bool { return !c.ended })
}

// arrived reports whether every copy has ended that others follow.
func (d *dispatch) arrived() bool {
	return !slices.ContainsFunc(d.copies[d.first:], func(c *copied) bool { return !c.behind && !c.ended })
}

// follow returns a group whose publishes reach the broker after the copies of a step, as far
// as that is known: those without an answer were sent over one connection, or the channel of
// their probe has gone on after them.
func (d *dispatch) follow() (group *amqpx.Group, known bool) {
	var one *amqpx.Sent
	for _, c := range d.copies[d.first:] {
		switch {
		case c.ended, c.probe != nil && c.probe.read.Load():
		case c.sent == nil, one != nil && !c.sent.Beside(one):
			return nil, false
		default:
			one = c.sent
		}
	}
	if one == nil {
		return d.group, true
	}
	return d.group.Behind(one), true
}

// open reports whether no queue of a step is shut.
func (d *dispatch) open(step []target) bool {
	return !slices.ContainsFunc(step, func(t target) bool {
		now := d.fanout.health(t.queue).now.Load()
		return now.cause != nil && !now.untried()
	})
}

// complete waits until every copy has ended. One that waits for a place does not wait for the
// answers to others.
func (d *dispatch) complete(ctx context.Context) {
	for d.behind != nil && slices.ContainsFunc(d.copies, (*copied).unsent) && ctx.Err() == nil {
		d.await(ctx, lookEach)
		d.sendRest(ctx)
	}
	if d.ended() {
		return
	}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, c := range d.copies[d.first:] {
		for !c.ended {
			c.advance(ctx, soon)
		}
	}
}

// outcome is nil when every copy is safe.
func (d *dispatch) outcome() error {
	var failed error
	done := append([]string(nil), d.event.Done...)
	for _, c := range d.copies {
		switch {
		case !c.ended:
		case c.err == nil:
			done = append(done, c.target.queue)
		case worse(c.err, failed):
			failed = c.err
		}
	}
	if failed == nil {
		return nil
	}
	return &Incomplete{Done: done, Err: failed}
}

// late notes the answer to a copy that nothing waits for any more.
func (d *dispatch) late(err error) {
	if err == nil && d.missing.Add(-1) == 0 && d.event.Late != nil && !d.more {
		d.event.Late(nil)
	}
}

// others reports whether all other copies have their answers, and none of them was sent before.
func (d *dispatch) others(c *copied) bool {
	for _, other := range d.copies[d.first:] {
		if other != c && (!other.ended || other.since.Before(c.since.Add(-lookEach))) {
			return false
		}
	}
	return len(d.copies)-d.first > 1
}

// short returns a context that ends soon, and sooner with each look.
func short(ctx, soon context.Context) (context.Context, context.CancelFunc) {
	if soon.Err() == nil {
		return soon, func() {}
	}
	return context.WithTimeout(ctx, lookEach)
}
