package consume

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/topology"
)

// How long a dead letter waits whose queue refuses it: as long as it has been one, within
// these bounds, but for what is not a level.
const (
	leastWait   = 5 * time.Second
	longestWait = time.Minute
)

// bury publishes a dead letter and settles its job. While the queue of the dead letters is
// full or gone, the letter waits in the delay levels: what is alive must not wait behind it.
func (r *Route) bury(ctx context.Context, j job, p amqpx.Publication) error {
	err := r.publish(ctx, p, isFinalPublish)
	if isRefusal(err) {
		r.metrics.refuseDead(ctx)
		if n := r.thinned.note(time.Now()); n > 0 {
			r.options.Log.Warn("the queue of the dead letters refuses them; they wait, and come to it again",
				zap.String("queue", topology.DeadQueue(r.options.Route)), zap.Int("refusals", n), zap.Error(err))
		}
		p = waiting(r.options.Route, p.Message, time.Now())
		err = r.publish(ctx, p, isHopelessPublish)
	}
	if r.options.Partitions > 0 {
		return moved(j, p, err)
	}
	return replaced(j, p, err)
}

// rebury brings a dead letter that has waited to its queue again. It was recorded when it
// became one.
func (r *Route) rebury(ctx context.Context, j job) error {
	out := onward(j.message)
	delete(out.Headers, event.HeaderDeadWaits)
	return r.bury(ctx, j, amqpx.Publication{Exchange: topology.Dead, Key: r.options.Route, Message: out})
}

// isWaiting reports whether a message is a dead letter that has waited.
func isWaiting(m *event.Message) bool {
	_, waits := m.Headers[event.HeaderDeadWaits]
	return waits
}

// waiting is the message that brings a dead letter back to its route.
func waiting(route string, m *event.Message, now time.Time) amqpx.Publication {
	age := now.Sub(time.UnixMilli(m.Int(event.HeaderDeadAt)))
	out := onward(m)
	out.Headers[event.HeaderDeadWaits] = true
	wait := topology.Level(int(min(max(age, leastWait), longestWait) / time.Second)) // one level: nothing hangs on the second
	return returns.Delay(topology.RouteQueue(route), out, time.Duration(wait)*time.Second, now)
}

// isRefusal reports whether the broker does not take a message that it could take: the
// queue is full, or there is none.
func isRefusal(err error) bool {
	return errors.Is(err, amqpx.ErrNacked) || errors.Is(err, amqpx.ErrReturned)
}

func isFinalPublish(err error) bool { return isHopelessPublish(err) || isRefusal(err) }

// thinEvery is how often the same may be logged.
const thinEvery = time.Minute

// thinned counts what is logged now and then. It is safe for concurrent use.
type thinned struct {
	mu    sync.Mutex
	count int
	last  time.Time
}

// note counts one more. It returns how many are to be logged now; 0: none.
func (t *thinned) note(now time.Time) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	if now.Sub(t.last) < thinEvery {
		return 0
	}
	n, t.count, t.last = t.count, 0, now
	return n
}
