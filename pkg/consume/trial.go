package consume

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/topology"
)

const (
	// suspectAfter is how often an event came back before it is tried alone: perhaps it ends
	// the process each time.
	suspectAfter = 2
	// trialTime is how long a trial lasts at most. What ends a process does so sooner; what
	// takes longer waits for its destination.
	trialTime = 15 * time.Second
	// aloneWithin is how long the other suspects have to leave the process.
	aloneWithin = 10 * time.Second
	// trialBack is how long a suspect stays away at least that finds another one in its trial,
	// and longestBack how long at most.
	trialBack   = 5 * time.Second
	longestBack = time.Minute
	// lossTime is how long a connection that was lost, or a pause, may be why events came back.
	// A process that was ended starts without such a reason.
	lossTime = time.Hour
)

// trials lets suspects be tried one at a time in a process, while no other suspect is in
// its hands: should it die, the event that is tried comes back once more, and no other
// suspect does. It is safe for concurrent use.
type trials struct {
	mu      sync.Mutex
	running bool
	hands   int           // the suspects that are in hand
	alone   chan struct{} // closed when one is left; nil while nobody waits
	back    time.Time     // when the suspect comes back that was sent away last
}

// connections are those that a route consumes or publishes over. *amqpx.Consumer and
// *amqpx.Publisher are some.
type connections interface {
	// LostWithin returns how often some of them were lost within that time, or gave back what
	// was delivered.
	LostWithin(d time.Duration) int
}

// suspects reports whether an event has to be tried alone. What was in hand comes back too
// when the broker ends a connection or the route pauses, which says nothing of the event. Nothing of an ordered
// route goes back alone, so there are no trials there.
func (r *Route) suspects(j job) bool {
	return r.options.Partitions == 0 && j.returns >= suspectAfter && j.returns >= suspectAfter+r.lost()
}

func (r *Route) lost() (times int) {
	for _, c := range r.connections {
		times = max(times, c.LostWithin(lossTime))
	}
	return times
}

// away is how long the next suspect stays away, in whole seconds. Each comes back in a second of its own, so
// that it finds no other one in its trial then.
func (t *trials) away(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	soonest := now.Add(trialBack)
	if t.back = t.back.Add(time.Second); t.back.Before(soonest) || t.back.After(now.Add(longestBack)) {
		t.back = soonest
	}
	return t.back.Sub(now).Round(time.Second)
}

// enter begins a trial, unless there is one, or the other suspects do not leave. Either
// way leave has to be called when the event is settled.
func (t *trials) enter(ctx context.Context) (leave func(), alone bool) {
	t.mu.Lock()
	t.hands++
	mine := !t.running
	if mine {
		t.running = true
	}
	t.mu.Unlock()
	if !mine {
		return t.drop, false
	}
	end := sync.OnceFunc(func() { t.end(); t.drop() })
	if !t.await(ctx) {
		return end, false
	}
	timer := time.AfterFunc(trialTime, end)
	return func() { timer.Stop(); end() }, true
}

// await waits until only one suspect is in hand.
func (t *trials) await(ctx context.Context) bool {
	late := time.NewTimer(aloneWithin)
	defer late.Stop()
	t.mu.Lock()
	if t.hands == 1 {
		t.mu.Unlock()
		return true
	}
	alone := make(chan struct{})
	t.alone = alone
	t.mu.Unlock()
	select {
	case <-alone:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

func (t *trials) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = false
}

// drop counts a suspect out.
func (t *trials) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hands--
	if t.hands == 1 && t.alone != nil {
		close(t.alone)
		t.alone = nil
	}
}

// try takes a suspect through all stages, alone, or sends it away for a moment.
func (r *Route) try(ctx context.Context, j job) {
	leave, alone := r.memory.trials.enter(ctx)
	defer leave()
	if alone && r.isSettled(ctx, j) {
		r.options.Log.Info("an event that came back several times is tried alone",
			zap.String("event", j.message.ID), zap.Int("returns", j.returns))
		r.process(ctx, j)
		return
	}
	if err := r.replace(ctx, j, r.returning(j, r.memory.trials.away(time.Now()))); err != nil {
		r.options.Log.Warn("event not sent away, it will come again", zap.String("event", j.message.ID), zap.Error(err))
	}
}

// isSettled waits until the broker knows of all that the process has done so far. Else what
// ends the process now would have the broker deliver copies of this event, and of the suspects
// that were sent away, which are there already.
func (r *Route) isSettled(ctx context.Context, j job) bool {
	if r.options.Returns == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, aloneWithin)
	defer cancel()
	return r.options.Returns.Settle(ctx, r.queue, j.message.ID) == nil
}

// returning is a fresh copy of an untried event, which comes back after a delay. The
// broker counts its returns from zero; the copy says how often it came back before.
func (r *Route) returning(j job, delay time.Duration) amqpx.Publication {
	if isWaiting(j.message) {
		return waiting(r.options.Route, j.message, time.Now())
	}
	p := delayed(r.options.Route, j.message, attemptOf(j.message), delay)
	p.Message.Headers[event.HeaderReturns] = int64(j.returns)
	return p
}

// newJob makes a job of a delivery. How often its event came back is what the broker
// counted, and what was counted before a fresh copy was made.
func newJob(d *amqpx.Delivery) job {
	return job{settler: d, message: d.Message, returns: d.Returns + int(d.Message.Int(event.HeaderReturns))}
}

// cameBackTooOften tells an event that is not to be tried again: of an ordered route it
// costs an attempt, and else it was tried alone most of these times.
func (r *Route) cameBackTooOften(j job) bool {
	if r.options.Partitions > 0 {
		return j.returns >= topology.DeliveryLimit
	}
	return j.returns > topology.DeliveryLimit
}

// afterReturns is what becomes of such an event.
func (r *Route) afterReturns(e *event.Event) verdict {
	if r.options.Partitions > 0 {
		return r.again(e, errReturned)
	}
	return verdict{outcome: Dead, reason: fault.ReasonDeliveryLimit, err: errReturned}
}
