package consume

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
)

// cautious is how many events a route holds while it does not know how large they are.
const cautious = 8

// window is how many events the route may hold now, at most so many.
func (r *Route) window(most int) int {
	largest, known := r.sizes.most()
	if !known {
		most = min(most, cautious)
	}
	return r.memory.window(largest, most)
}

// hold takes the room of a job, or reports that there is none.
func (r *Route) hold(j job) (give func(), held bool) {
	n := event.Weight(j.message)
	r.sizes.see(n)
	if !r.memory.take(n) {
		return nil, false
	}
	return func() { r.memory.give(n) }, true
}

// full reports whether the route was given an event for which there was no room, and there
// is none yet. The channel is closed when there may be.
func (r *Route) full() (full bool, changed <-chan struct{}) {
	wanted := r.wanted.Load()
	if wanted == 0 {
		return false, nil
	}
	fits, changed := r.memory.room(wanted)
	if fits {
		r.wanted.CompareAndSwap(wanted, 0)
		return false, nil
	}
	return true, changed
}

// overflow gives an event back for which there is no room, and has the route rest until
// there is. It costs no attempt, and must not add up to the delivery limit.
func (r *Route) overflow(ctx context.Context, j job) {
	if r.wanted.Swap(event.Weight(j.message)) == 0 {
		r.options.Log.Info("no room for an event; the route rests until there is some", zap.String("event", j.message.ID))
	}
	select {
	case r.poke <- struct{}{}:
	default:
	}
	if err := r.giveBack(ctx, j); err != nil {
		r.metrics.unsettled(ctx)
		r.options.Log.Warn("event not given back, it will come again", zap.String("event", j.message.ID), zap.Error(err))
	}
}

// giveBack returns an event untried. A broker before 4.3 counts every return: before it
// makes a dead letter of an event, that is replaced by a fresh copy.
func (r *Route) giveBack(ctx context.Context, j job) error {
	if j.returns < suspectAfter {
		return j.Release()
	}
	select {
	case r.memory.copying <- struct{}{}: // a copy is held until it is confirmed
		defer func() { <-r.memory.copying }()
		return r.replace(ctx, j, r.returning(j, backSoon))
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), j.Release())
	}
}
