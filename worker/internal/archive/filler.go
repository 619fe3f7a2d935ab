// Package archive brings to the archive what the archive did not take when it was accepted.
//
// While the archive refuses events, gateways publish them to the queue
// penstock.archive.deferred. Any deliverer empties it.
package archive

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// How many events are held, how long one publish may take, and the pauses between tries.
const (
	prefetch     = 4 // one may be large
	publishTime  = 10 * time.Second
	firstPause   = 100 * time.Millisecond
	longestPause = 30 * time.Second
)

// Publisher is what the events are published through. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Filler moves deferred events into the archive. Several may run.
type Filler struct {
	Consumer  *amqpx.Consumer
	Publisher Publisher
	Log       *zap.Logger
}

// Run moves what there is until ctx is done. An event leaves the queue when the archive has
// it. Should its confirm be lost, the archive has it twice.
func (f *Filler) Run(ctx context.Context) {
	err := f.Consumer.Subscribe(amqpx.Subscription{
		Queue: topology.DeferredArchive, Prefetch: prefetch, Drain: publishTime,
		Handle: func(handling context.Context, d *amqpx.Delivery) { f.move(ctx, handling, d) },
	}).Run(ctx)
	if err != nil {
		f.Log.Warn("stopped to fill the archive", zap.Error(err))
	}
}

// move publishes one event until the archive takes it. It gives the event back when
// stopping is done.
func (f *Filler) move(stopping, ctx context.Context, d *amqpx.Delivery) {
	p := amqpx.Publication{Key: topology.Archive, Message: d.Message}
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		err := f.publish(ctx, p)
		if err == nil {
			f.settle(d.Message.ID, d.Ack())
			return
		}
		if wait == firstPause || wait == longestPause {
			f.Log.Warn("the archive does not take an event yet; it waits in the queue "+topology.DeferredArchive,
				zap.String("event", d.Message.ID), zap.Error(err))
		}
		select {
		case <-time.After(wait):
		case <-stopping.Done():
			f.settle(d.Message.ID, d.Release())
			return
		}
	}
}

func (f *Filler) publish(ctx context.Context, p amqpx.Publication) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	return f.Publisher.Publish(ctx, p)
}

// settle logs that an event could not be settled. The broker delivers it again.
func (f *Filler) settle(id string, err error) {
	if err != nil && !errors.Is(err, amqpx.ErrChannelLost) {
		f.Log.Warn("a deferred event of the archive is not settled, it comes again", zap.String("event", id), zap.Error(err))
	}
}
