package refusals

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/pkg/topology"
)

// DefaultEvery is how often what was counted is told.
const DefaultEvery = 5 * time.Second

// publishWithin bounds one publish.
const publishWithin = 5 * time.Second

// Publisher puts a message into the broker. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a Refusals works with. Publisher and Log must be set.
type Options struct {
	Publisher Publisher
	Every     time.Duration // 0: DefaultEvery
	Log       *zap.Logger
}

// Refusals counts and tells. It is safe for concurrent use.
type Refusals struct {
	options  Options
	instance string
	stop     context.CancelFunc
	ended    chan struct{}

	mu     sync.Mutex
	counts map[key]*refusal.Count
	again  map[string]*refusal.Repeat

	// Only one goroutine tells.
	number  int64
	waiting []refusal.Report // made, and not confirmed yet
}

type key struct{ source, reason string }

// New starts to tell in the background. Close ends it.
func New(o Options) *Refusals {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	ctx, stop := context.WithCancel(context.Background())
	r := &Refusals{options: o, instance: event.NewID(), stop: stop, ended: make(chan struct{}), counts: map[key]*refusal.Count{}, again: map[string]*refusal.Repeat{}}
	go r.run(ctx)
	return r
}

// Count notes that a request of a source was refused for a reason, now. Both must be of
// closed sets.
func (r *Refusals) Count(source, reason string) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	k := key{source, reason}
	c := r.counts[k]
	if c == nil {
		c = &refusal.Count{Source: source, Reason: reason}
		r.counts[k] = c
	}
	c.N, c.LastAt = c.N+1, now
}

// Repeat notes that an accepted event came again now, and was not published again. Of more than refusal.MaxCounts events
// between two reports it notes no more.
func (r *Refusals) Repeat(id string) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.again[id]
	if one == nil {
		if len(r.again) >= refusal.MaxCounts {
			return
		}
		one = &refusal.Repeat{Event: id}
		r.again[id] = one
	}
	one.N, one.LastAt = one.N+1, now
}

// Close tells what is left, once, and ends. It returns when ctx ends at the latest.
func (r *Refusals) Close(ctx context.Context) error {
	r.stop()
	select {
	case <-r.ended:
	case <-ctx.Done():
		return fmt.Errorf("close the count of refusals: %w", context.Cause(ctx))
	}
	if err := r.tell(ctx); err != nil {
		return fmt.Errorf("tell the last refusals: %w", err)
	}
	return nil
}

func (r *Refusals) run(ctx context.Context) {
	defer close(r.ended)
	ticks := time.NewTicker(r.options.Every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if err := r.tell(ctx); err != nil && ctx.Err() == nil {
			r.options.Log.Debug("the trackers could not be told what was refused; it is tried again", zap.Error(err))
		}
	}
}

// tell publishes the reports that wait, in their order, and makes a new one only when none
// does: so an outage makes no more of them.
func (r *Refusals) tell(ctx context.Context) error {
	if len(r.waiting) == 0 {
		r.waiting = r.take()
	}
	for len(r.waiting) > 0 {
		if err := r.publish(ctx, r.waiting[0]); err != nil {
			return err
		}
		r.waiting = r.waiting[1:]
	}
	return nil
}

func (r *Refusals) publish(ctx context.Context, report refusal.Report) error {
	m, err := refusal.Encode(report)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	return r.options.Publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Refused, Message: m})
}
