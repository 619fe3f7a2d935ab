package app

import (
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/worker/internal/ledger"
)

// makeLedger makes what runs in the active tracker, and watches that no event gets lost.
func (t *Tracker) makeLedger(consumer *amqpx.Consumer, v voice) (err error) {
	t.ledger, err = ledger.New(ledger.Options{
		Store: t.store, Broker: consumer, Tracker: t.tracker, Publisher: v.publisher, Emitter: v.emitter,
		Letters: &ledger.Queues{Consumer: consumer}, Routes: t.routes, Meter: t.tel.Meter, Log: t.log,
		Unsure: !t.settings.HasStreams(),
	})
	return err
}

// routes are those of the configuration in force.
func (t *Tracker) routes() []ledger.Route {
	var all []ledger.Route
	for name, route := range t.config.Load().Routes {
		all = append(all, ledger.Route{Name: name, Partitions: route.Partitions()})
	}
	return all
}
