package control

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/pkg/topology"
)

// How long refusals are kept, how often old ones are deleted, and how long to wait when
// the store takes nothing.
const (
	refusalsKept  = 48 * time.Hour
	refusalsPrune = time.Hour
	storePause    = time.Second
)

// Refusals keep what gateways refused. *store.Store does.
type Refusals interface {
	AddRefusals(ctx context.Context, r refusal.Report) error
	Reported(ctx context.Context, instance string) (number int64, err error)
	PruneRefusals(ctx context.Context, before time.Time) error
}

// Collector stores what the gateways refused. One tracker at a time collects, from the
// beginning of the stream: what the store has had of a gateway is left out, so that every
// report counts once. What a gateway reported while no tracker ran for longer than the
// stream keeps it, an hour, is not counted.
type Collector struct {
	Consumer *amqpx.Consumer
	Store    Refusals
	Log      *zap.Logger

	// Fleet is set where a queue takes the place of the stream: the collector consumes it
	// alone, and passes on what deliverers report. nil: there is a stream.
	Fleet *Fleet

	last   map[string]int64 // by the instance: the number of its last report
	pruned time.Time
}

// Run collects until ctx is done. It runs once at a time.
func (c *Collector) Run(ctx context.Context) {
	c.last = map[string]int64{}
	var args map[string]any
	if c.Fleet == nil {
		args = map[string]any{"x-stream-offset": "first"}
	}
	err := c.Consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Reports, Ordered: true, Prefetch: 64, Drain: time.Second, Args: args,
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			if c.collect(ctx, d) {
				_ = d.Ack() // makes room for the next one
			}
		},
	}).Run(ctx)
	if err != nil {
		c.Log.Warn("stopped collecting what gateways refuse", zap.Error(err))
	}
}

// collect reports whether it is done with an entry of the stream.
func (c *Collector) collect(ctx context.Context, d *amqpx.Delivery) bool {
	if d.Message.Type != refusal.MessageType {
		if c.Fleet != nil {
			c.Fleet.note(d.Message)
		}
		return true
	}
	r, err := refusal.Decode(d.Message)
	if err != nil {
		c.Log.Warn("a report of refusals cannot be read", zap.Error(err))
		return true
	}
	for {
		err := c.add(ctx, r)
		if err == nil {
			return true
		}
		c.Log.Warn("the store does not take what gateways refused; trying again", zap.Error(err))
		select {
		case <-time.After(storePause):
		case <-ctx.Done():
			return false
		}
	}
}

func (c *Collector) add(ctx context.Context, r refusal.Report) (err error) {
	last, known := c.last[r.Instance]
	if !known {
		if last, err = c.Store.Reported(ctx, r.Instance); err != nil {
			return err
		}
	}
	if r.Number > last {
		if err := c.Store.AddRefusals(ctx, r); err != nil {
			return err
		}
	}
	c.last[r.Instance] = max(last, r.Number)
	if time.Since(c.pruned) < refusalsPrune {
		return nil
	}
	c.pruned = time.Now()
	return c.Store.PruneRefusals(ctx, c.pruned.Add(-refusalsKept))
}
