package app

import (
	"errors"
	"fmt"

	"github.com/penstock/penstock/pkg/admin"
)

var errNotServing = errors.New("the listener for webhooks is not open yet")

// A gateway is ready as soon as it can answer: its configuration is loaded, and its
// topology was seen once. It stays so in an outage of the broker, when it answers 503 with
// Retry-After or spools: a load balancer that finds no gateway ready would give senders
// silence instead. The broker's present state is a text of /readyz, and a metric.

// broker shows how the connections do. It never keeps a gateway from being ready.
func (a *App) broker(connected func() error) func() error {
	return func() error { return admin.Tolerate(a.meanwhile(connected())) }
}

// topology keeps a gateway from being ready until the topology was seen once, except while
// the spool takes events.
func (a *App) topology() error {
	if !a.serving.Load() {
		return errNotServing
	}
	err := a.meanwhile(a.gate.topology())
	if err == nil {
		err = a.gate.refused()
	}
	if a.gate.opened.Load() || a.spools() && a.spool.Ready() == nil {
		return admin.Tolerate(err)
	}
	return err
}

// spools reports whether there is a spool, and a source that uses it.
func (a *App) spools() bool { return a.spool != nil && a.table.Sources().Spool() }

// meanwhile adds to what is wrong with the broker what the spool does about it.
func (a *App) meanwhile(err error) error {
	if err == nil || !a.spools() {
		return err
	}
	if spoolErr := a.spool.Ready(); spoolErr != nil {
		return fmt.Errorf("%w; %w", err, spoolErr)
	}
	return fmt.Errorf("%w; spooling", err)
}
