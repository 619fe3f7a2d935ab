package fanout

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// dispatch is one event on its way to all its places. It belongs to one goroutine.
type dispatch struct {
	fanout *Fanout
	event  *Event
	group  *amqpx.Group
	copies []*copied

	missing atomic.Int32 // copies without an answer after the end
}

func newDispatch(f *Fanout, e *Event, targets []target, routes []string) *dispatch {
	d := &dispatch{fanout: f, event: e, group: f.options.Publisher.NewGroup(), copies: make([]*copied, 0, len(targets))}
	for _, t := range targets {
		m := e.Message
		if t.queue == topology.Archive {
			m = recorded(m, routes)
		}
		d.copies = append(d.copies, &copied{dispatch: d, target: t, message: m, health: f.health(t.queue)})
	}
	return d
}

// run sends all copies before it waits for the answer to the first one.
func (d *dispatch) run(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, c := range d.copies {
		c.begin(ctx)
	}
	for _, c := range d.copies {
		for !c.ended {
			c.advance(ctx, soon)
		}
	}
	d.fanout.metrics.count(ctx, d.copies)
	return d.outcome()
}

// outcome is nil when every copy is safe.
func (d *dispatch) outcome() error {
	var failed error
	done := append([]string(nil), d.event.Done...)
	for _, c := range d.copies {
		switch {
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
	if err == nil && d.missing.Add(-1) == 0 && d.event.Late != nil {
		d.event.Late(nil)
	}
}

// others reports whether all other copies have their answers.
func (d *dispatch) others(c *copied) bool {
	for _, other := range d.copies {
		if other != c && !other.ended {
			return false
		}
	}
	return len(d.copies) > 1
}

// short returns a context that ends soon, and sooner with each look.
func short(ctx, soon context.Context) (context.Context, context.CancelFunc) {
	if soon.Err() == nil {
		return soon, func() {}
	}
	return context.WithTimeout(ctx, lookEach)
}

// waited is how long a copy waits for a place before that is held against its queue.
func waited(since time.Time) bool { return time.Since(since) >= patience }
