package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// How recovered events are taken: few at a time beside those that senders wait for; after a
// failure not at once again; and for how long one waits for its source, which this gateway's
// configuration may not have yet.
const (
	recoverAtOnce = 4
	recoverPause  = time.Second
	sourceWait    = time.Hour
)

// recoverer accepts the events that trackers fetched from providers. It connects when the
// configuration has accounts, and then stays. Its methods are safe for concurrent use.
type recoverer struct {
	broker amqpx.Config
	log    *zap.Logger

	mu       sync.Mutex
	pipeline *ingest.Pipeline // nil: not there yet
	wanted   bool
	consumer *amqpx.Consumer // nil: it does not run
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

// use has it put events into a pipeline.
func (r *recoverer) use(p *ingest.Pipeline) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pipeline = p
	r.start()
}

// follow has it run when a configuration whose topology stands has accounts.
func (r *recoverer) follow(c *config.Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted = r.wanted || len(c.Accounts) > 0
	r.start()
}

func (r *recoverer) start() {
	if r.consumer != nil || !r.wanted || r.pipeline == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.consumer = cancel, amqpx.NewConsumer(r.broker, r.log)
	subscriber := r.consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Recovered, Prefetch: recoverAtOnce, Drain: 5 * time.Second,
		Handle: func(ctx context.Context, d *amqpx.Delivery) { r.accept(ctx, d) },
	})
	r.running.Go(func() {
		if err := subscriber.Run(ctx); err != nil {
			r.log.Warn("stopped accepting recovered events", zap.Error(err))
		}
	})
}

// accept acknowledges an event when it is safe in its places, or can never be accepted. The
// tracker names such a one as lost.
func (r *recoverer) accept(ctx context.Context, d *amqpx.Delivery) {
	e, err := event.Decode(d.Message)
	if err == nil {
		err = r.pipeline.Recover(ctx, e)
	}
	switch {
	case err == nil:
		_ = d.Ack() // if that fails it comes again, and is a duplicate
	case final(err, d.Message.Timestamp):
		r.log.Warn("a recovered event cannot be accepted", zap.String("event", d.Message.ID), zap.Error(err))
		_ = d.Ack() // as above
	default:
		select {
		case <-time.After(recoverPause):
		case <-ctx.Done():
		}
		_ = d.Requeue() // if that fails, the broker does it
	}
}

// final reports whether an event that was fetched at a time is refused for good.
func final(err error, fetched time.Time) bool {
	refusal, ok := errors.AsType[*ingest.Refusal](err)
	if !ok {
		return true // it is no event
	}
	if refusal.Kind == ingest.KindUnknownSource {
		return time.Since(fetched) > sourceWait
	}
	return slices.Contains([]ingest.Kind{ingest.KindTooLarge, ingest.KindHeadersTooLarge}, refusal.Kind)
}

// Close stops it. What it has in hand is accepted, or goes back.
func (r *recoverer) Close(ctx context.Context) error {
	r.mu.Lock()
	consumer, cancel := r.consumer, r.cancel
	r.wanted = false
	r.mu.Unlock()
	if consumer == nil {
		return nil
	}
	cancel()
	err := consumer.Close(ctx)
	r.running.Wait()
	return err
}
