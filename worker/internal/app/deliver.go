package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/reload"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/archive"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/share"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// Deliverer is a running deliverer.
type Deliverer struct {
	service

	settings DeliverSettings
}

// NewDeliverer starts a deliverer: it loads the configuration, with secrets from env, and
// begins to consume. It needs no broker. When it fails, nothing is left running; a
// wrong configuration is a *config.Error.
func NewDeliverer(ctx context.Context, s DeliverSettings, env config.Lookup, log *zap.Logger) (*Deliverer, error) {
	cfg, err := config.Load(s.Config, env, config.Destinations)
	if err != nil {
		return nil, err // it names file, line and column itself
	}
	d := &Deliverer{service: service{process: s.Process, log: log}, settings: s}
	if err := d.start(context.WithoutCancel(ctx), cfg, env); err != nil {
		d.abandon(ctx)
		return nil, err
	}
	return d, nil
}

// start starts the parts in the order in which they need each other, and notes
// how to stop each.
func (d *Deliverer) start(ctx context.Context, cfg *config.Config, env config.Lookup) error {
	if err := d.startTelemetry(ctx, "deliverer"); err != nil {
		return err
	}
	d.settings.WarnOfStreams(d.log)
	broker := amqpx.NewPublisher(d.settings.broker(), d.settings.Publishing(), d.log) //nolint:contextcheck // Close ends it
	d.started.MustPush("publisher", broker.Close)
	maker := instrument.From(d.tel.Meter)
	doubts := provision.NewDoubts()
	publisher := doubting{observe.NewPublisher(broker, observe.NewDurations(maker)), doubts}
	emitter := status.NewEmitter(publisher, status.Options{})
	d.started.MustPush("status records", emitter.Close)
	consumer := amqpx.NewConsumer(d.settings.broker(), d.log)
	d.started.MustPush("consumer", consumer.Close)
	observe.Links(maker, observe.Uses{Publish: broker.Links, Consume: consumer.Links})
	install := &installer{settings: &d.settings, queues: consumer, doubts: doubts, log: d.log}
	install.problem.Store(&errNoTopology)
	observe.Refused(maker, func() map[string]error { return install.stands().ByRoute() })
	if err := maker.Err(); err != nil {
		return err
	}

	mover, err := returns.New(returns.Options{
		Broker: d.settings.broker(), Publisher: broker, Consumer: consumer, Recorder: emitter, Doubt: doubts.Note, Meter: d.tel.Meter, Log: d.log,
	})
	if err != nil {
		return err
	}
	fleet := newFleet(launcher{
		broker: d.settings.broker(), publisher: publisher, recorder: emitter, returns: mover, stones: new(tombstone.Set), consumer: consumer, drain: d.settings.ShutdownTimeout,
		meter: d.tel.Meter, tracer: d.tel.Tracer, log: d.log,
	}, d.settings.Routes, d.log)
	reporter := control.NewReporter(instance(), publisher, fleet.report, d.log)
	listener := d.listen(consumer, func(c control.Command) { fleet.obey(c); reporter.Call() })
	reloads, err := observe.NewReloads(d.tel.Meter)
	if err != nil {
		return err
	}
	reporter.Refused = reloads.Cause
	follower := reload.New(cfg, reload.Options{
		Path: d.settings.Config, Env: env, Part: config.Destinations, Reloads: reloads, Log: d.log,
	})
	install.fleet, install.known, install.follower, install.reloads = fleet, listener.Settled(), follower, reloads
	if err := d.startAdmin(ctx, defaultDeliverAdminListen, []admin.Check{
		{Name: "publisher", Ready: publisher.Ready},
		{Name: "status", Ready: emitter.Ready},
		{Name: "consumer", Ready: consumer.Ready},
		{Name: "topology", Ready: install.ready},
		{Name: "configuration", Ready: func() error { return admin.Tolerate(reloads.Current()) }},
	}); err != nil {
		return err
	}
	d.startControl(ctx, reporter, listener)
	d.startRoutes(ctx, fleet, share.Options{Publisher: publisher, Consumer: consumer})
	d.startStanding(ctx, "returns", install, mover.Run)
	if d.settings.Archive {
		d.startStanding(ctx, "archive", install, (&archive.Filler{Consumer: consumer, Publisher: publisher, Log: d.log}).Run)
	}
	d.started.MustPush("configuration", lifecycle.Background(ctx, install.run))
	d.started.MustPush("configuration file", lifecycle.Background(ctx, follower.Run))
	return nil
}

// startRoutes starts what shares the limits of their destinations, which ends after the routes.
func (d *Deliverer) startRoutes(ctx context.Context, f *fleet, o share.Options) {
	o.Look, o.Give, o.Log = f.limits, f.give, d.log
	d.started.MustPush("shares of limits", lifecycle.Background(ctx, share.New(o).Run))
	d.started.MustPush("routes", f.stop)
}

// listen makes what follows the commands of trackers.
func (d *Deliverer) listen(consumer *amqpx.Consumer, obey func(control.Command)) *control.Listener {
	if d.settings.HasStreams() {
		return control.NewListener(consumer, obey, d.log)
	}
	return control.NewPoller(consumer, obey, d.log)
}

// startControl starts what reports to trackers, and then what follows their commands.
func (d *Deliverer) startControl(ctx context.Context, r *control.Reporter, l *control.Listener) {
	d.started.MustPush("reports", lifecycle.Background(ctx, r.Run))
	d.started.MustPush("commands", lifecycle.Background(ctx, func(ctx context.Context) {
		awaitKnown(ctx, r)
		l.Run(ctx)
	}))
}

// knownWithin is how long a deliverer waits before it listens to commands although it could not
// report: delivering is worth more than to obey every one.
const knownWithin = 5 * time.Second

// awaitKnown waits until the trackers can know of the deliverer. A tracker either sees it before
// it believes that all deliverers obey a command, or the deliverer hears that command first.
func awaitKnown(ctx context.Context, r *control.Reporter) {
	late := time.NewTimer(knownWithin)
	defer late.Stop()
	select {
	case <-r.Known():
	case <-late.C:
	case <-ctx.Done():
	}
}

// Run delivers until ctx is done. Then it takes no more events, gives the running
// attempts the shutdown timeout to finish, settles them, and stops everything. What
// it did not get to stays in the queues.
func (d *Deliverer) Run(ctx context.Context) error {
	d.log.Info("delivering", zap.Stringer("admin", d.AdminAddr()))
	return d.serve(ctx)
}

// startStanding starts what needs queues, once they are there.
func (d *Deliverer) startStanding(ctx context.Context, name string, install *installer, run func(context.Context)) {
	d.started.MustPush(name, lifecycle.Background(ctx, func(ctx context.Context) {
		if install.await(ctx) {
			run(ctx)
		}
	}))
}
