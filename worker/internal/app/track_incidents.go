package app

import (
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/worker/internal/condition"
	"github.com/penstock/penstock/worker/internal/notify"
)

// makeIncidents makes what looks for incidents that no record shows, and what notifies of all.
// Both run in the active tracker.
func (t *Tracker) makeIncidents(consumer *amqpx.Consumer) (err error) {
	if t.reloads, err = observe.NewReloads(t.tel.Meter); err != nil {
		return err
	}
	t.conditions = condition.New(condition.Options{
		Store: t.store, Broker: consumer, Fleet: t.fleet, Config: t.config.Load, Refused: t.reloads.Cause, Gateway: t.settings.GatewayURL,
		BrokerFiles: condition.Files{Certificate: t.settings.AMQPCertFile, Authorities: t.settings.AMQPCAFile}, Log: t.log,
	})
	t.notifier = notify.New(notify.Options{
		Store: t.store, Config: t.config.Load, ConsoleURL: t.settings.consoleURL(), Log: t.log,
	})
	return nil
}
