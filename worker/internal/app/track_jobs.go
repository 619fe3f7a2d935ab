package app

import (
	"context"
	"sync"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/canary"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/depth"
	"github.com/penstock/penstock/worker/internal/quarantine"
	"github.com/penstock/penstock/worker/internal/replay"
)

// voice is how the tracker says something to the broker.
type voice struct {
	publisher *amqpx.Publisher
	emitter   *status.Emitter
}

// startVoice begins to connect.
func (t *Tracker) startVoice() voice {
	v := voice{publisher: amqpx.NewPublisher(t.settings.broker(), amqpx.PublisherOptions{Connections: 1}, t.log)}
	t.started.MustPush("publisher", v.publisher.Close)
	v.emitter = status.NewEmitter(v.publisher, status.Options{})
	t.started.MustPush("status records", v.emitter.Close)
	return v
}

// makeJobs makes what works on jobs, what sends the wishes of operators to the deliverers, and what
// reads the quarantine.
func (t *Tracker) makeJobs(consumer *amqpx.Consumer, v voice) {
	t.commander = &control.Commander{Wishes: t.store, Publisher: v.publisher, Log: t.log}
	t.fleet = control.NewFleet(consumer, t.log)
	t.runner = replay.New(replay.Options{
		Store: t.store, Archive: t.settings.Archive, Consumer: consumer, Publisher: v.publisher, Recorder: v.emitter,
		Config: t.config.Load, Commander: t.commander, Fleet: t.fleet, Log: t.log,
	})
	t.collector = &control.Collector{Consumer: consumer, Store: t.store, Log: t.log}
	if !t.settings.HasStreams() {
		t.collector.Fleet = t.fleet
		return
	}
	t.quarantine = quarantine.New(quarantine.Options{
		Consumer: consumer, Publisher: v.publisher, Config: t.config.Load, Archive: t.settings.Archive, Audit: t.store, Log: t.log,
	})
}

// makeDepth makes what measures the queues.
func (t *Tracker) makeDepth(consumer *amqpx.Consumer, v voice) (err error) {
	t.depth, err = depth.New(depth.Options{Broker: consumer, Routes: t.partitions, Meter: t.tel.Meter, Log: t.log})
	if err != nil {
		return err
	}
	t.canaries, err = canary.New(canary.Options{Broker: consumer, Publisher: v.publisher, Consumer: consumer, Meter: t.tel.Meter, Log: t.log})
	return err
}

// partitions returns how many partitions each route of the configuration in force has.
func (t *Tracker) partitions() map[string]int {
	all := map[string]int{}
	for name, route := range t.config.Load().Routes {
		all[name] = route.Partitions()
	}
	return all
}

// beside is what only the active tracker does besides tracking.
func (t *Tracker) beside(ctx context.Context) {
	var working sync.WaitGroup
	for _, work := range []func(context.Context){t.ledger.Run, t.runner.Run, t.commander.Run, t.collector.Run, t.depth.Run, t.canaries.Run, t.conditions.Run, t.notifier.Run, t.reconcile.Run} {
		working.Go(func() { work(ctx) })
	}
	working.Wait()
}
