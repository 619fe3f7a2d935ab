package consume

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// deferredShare is the part of what a route may hold that its deferred queue gets: a fifth.
// That queue is empty most of the time.
const deferredShare = 5

// inlets are the two queues that bring a route its events: its own, and the one that takes
// them while its own does not. They rest and go on together, and share one window.
type inlets struct{ work, deferred subscriber }

// inlets subscribes to both queues, whose events go through the same stages.
func (r *Route) inlets(c *amqpx.Consumer) inlets {
	subscribe := func(queue string, prefetch int) subscriber {
		return c.Subscribe(amqpx.Subscription{
			Queue: queue, Prefetch: prefetch, Drain: r.options.DrainTimeout, Handle: r.take,
		})
	}
	work, deferred := split(r.options.prefetch())
	return inlets{
		work:     subscribe(topology.RouteQueue(r.options.Route), work),
		deferred: subscribe(topology.DeferredQueue(r.options.Route), deferred),
	}
}

// split shares a window out. Each queue gets one event at least.
func split(window int) (work, deferred int) {
	deferred = max(window/deferredShare, 1)
	return max(window-deferred, 1), deferred
}

// Run consumes both until ctx ends. A queue that is not there is waited for, and holds up
// the other one in nothing.
func (i inlets) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- i.deferred.Run(ctx) }()
	return errors.Join(i.work.Run(ctx), <-ended)
}

func (i inlets) Pause()  { i.work.Pause(); i.deferred.Pause() }
func (i inlets) Resume() { i.work.Resume(); i.deferred.Resume() }

func (i inlets) Hold(on bool) { i.work.Hold(on); i.deferred.Hold(on) }

func (i inlets) Resize(window int) {
	work, deferred := split(window)
	i.work.Resize(work)
	i.deferred.Resize(deferred)
}
