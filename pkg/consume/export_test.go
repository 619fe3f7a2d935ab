package consume

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

// Subscriber is what a Route rests while it is paused.
type Subscriber = subscriber

// Settler ends a delivery.
type Settler = settler

// Process takes one delivery through the pipeline.
func (r *Route) Process(ctx context.Context, s Settler, m *event.Message, returns int) {
	r.process(ctx, job{settler: s, message: m, returns: returns})
}

// Admit takes one delivery in, as the subscription hands it over.
func (r *Route) Admit(ctx context.Context, s Settler, m *event.Message, returns int) {
	r.admit(ctx, newJob(&amqpx.Delivery{Message: m, Returns: returns}).settledBy(s))
}

func (j job) settledBy(s Settler) job { j.settler = s; return j }

// RunOn consumes with s as the subscription.
func (r *Route) RunOn(ctx context.Context, s Subscriber) error { return r.run(ctx, s) }

// Hurry makes settling give up, and try again, within so long.
func (r *Route) Hurry(settle, longestPause time.Duration) {
	r.pace.settle, r.pace.first, r.pace.longestPause = settle, min(r.pace.first, longestPause), longestPause
}

// Held returns what the route would tell then about the events in its hands.
func (r *Route) Held(now time.Time) []status.Record { return r.held.due(now) }
