package consume

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// Subscriber is what a Route rests while it is paused.
type Subscriber = subscriber

// Settler ends a delivery.
type Settler = settler

// Process takes one delivery through the pipeline.
func (r *Route) Process(ctx context.Context, s Settler, m *event.Message, returns int) {
	r.process(ctx, job{settler: s, message: m, returns: returns})
}

// RunOn consumes with s as the subscription.
func (r *Route) RunOn(ctx context.Context, s Subscriber) error { return r.run(ctx, s) }

// SettleWithin sets how long publishing is tried.
func (r *Route) SettleWithin(d time.Duration) { r.settleTime = d }
