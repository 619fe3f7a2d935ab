package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/routing"
)

// startFanout starts what publishes events.
func (a *App) startFanout(publisher *amqpx.Publisher) (err error) {
	a.fanout, err = fanout.New(fanout.Options{
		Publisher: publisher,
		Probe: func(ctx context.Context, p amqpx.Publication, goesOn func()) error {
			return amqpx.PublishAlone(ctx, a.settings.broker(), p, goesOn)
		},
		Doubt: a.gate.doubts.Note,
		Meter: a.tel.Meter,
		Log:   a.log,
	})
	if err != nil {
		return err
	}
	a.gate.events = a.fanout
	a.started.MustPush("probes", a.fanout.Close)
	return nil
}

// places says where the events of a configuration go, as far as the broker has the queues.
func (s *Settings) places(c *config.Config, standing provision.Standing) fanout.Plan {
	p := fanout.Plan{
		Routes: routing.For(c), Ordered: map[string]bool{}, Cut: map[string]error{},
		Archive: s.Archive, Exchange: c.Exchange,
	}
	for name, r := range c.Routes {
		p.Ordered[name] = r.Partitions() > 0
	}
	for name, trouble := range standing.Routes {
		if trouble.Cut {
			p.Cut[name] = trouble.Err
		}
	}
	return p
}

// shutQueues says which queues take no events, and why.
func (a *App) shutQueues() error {
	shut := a.fanout.Shut()
	errs := make([]error, 0, len(shut))
	for _, queue := range slices.Sorted(maps.Keys(shut)) {
		errs = append(errs, fmt.Errorf("%s takes no events, they are deferred: %w", queue, shut[queue]))
	}
	return errors.Join(errs...)
}
