package app

import (
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/ledger"
)

// makeLedger makes what runs in the active tracker, and watches that no event gets lost.
func (t *Tracker) makeLedger(consumer *amqpx.Consumer) (err error) {
	publisher := amqpx.NewPublisher(t.settings.broker(), amqpx.PublisherOptions{Connections: 1}, t.log)
	t.push("publisher", publisher.Close)
	emitter := status.NewEmitter(publisher, status.Options{})
	t.push("status records", emitter.Close)
	t.ledger, err = ledger.New(ledger.Options{
		Store: t.store, Broker: consumer, Tracker: t.tracker, Publisher: publisher, Emitter: emitter,
		Letters: &ledger.DeadQueues{Consumer: consumer}, Routes: t.routes, Meter: t.tel.Meter, Log: t.log,
	})
	return err
}

// routes are those of the configuration in force.
func (t *Tracker) routes() []ledger.Route {
	var all []ledger.Route
	for name, route := range t.config.Load().Routes {
		all = append(all, ledger.Route{Name: name, Ordered: route.Ordering != nil})
	}
	return all
}
