package fanout

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// dispatch is one event on its way to all its places. It belongs to one goroutine.
//
// The archive comes last: it says which routes have the event, and whoever reads it later
// relies on that, also when the gateway dies in between. On a broker whose confirms come late
// it goes half a second after the routes, so that the sender does not wait for two of them.
type dispatch struct {
	fanout *Fanout
	event  *Event
	group  *amqpx.Group
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
	for n, targets := range steps {
		d.more = n < len(steps)-1
		d.begin(ctx, targets)
		d.sendRest(ctx)
		if d.more && !d.settle(ctx) {
			continue // the broker is slow: the next step goes beside this one
		}
		d.complete(ctx)
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
		c := &copied{dispatch: d, target: t, message: m, health: d.fanout.health(t.queue)}
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

// settle waits for the answers of a step, but for a moment only. It is false when some are
// missing then, and none of the others is a refusal.
func (d *dispatch) settle(ctx context.Context) bool {
	moment, cancel := context.WithTimeout(ctx, slowly)
	defer cancel()
	settled := true
	for _, c := range d.copies[d.first:] {
		for !c.ended && moment.Err() == nil {
			c.advance(ctx, moment)
		}
		settled = settled && c.ended
	}
	return settled || ctx.Err() != nil || d.outcome() != nil
}

// complete waits until every copy has ended.
func (d *dispatch) complete(ctx context.Context) {
	if !slices.ContainsFunc(d.copies[d.first:], func(c *copied) bool { return !c.ended }) {
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
