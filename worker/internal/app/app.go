package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/telemetry"
	"github.com/penstock/penstock/worker/internal/control"
)

// closeTime is what Run takes at most, after the routes have stopped, to close the
// rest.
const closeTime = 5 * time.Second

// App is a running deliverer.
type App struct {
	settings Settings
	log      *zap.Logger
	started  lifecycle.Stack
	tel      *telemetry.Telemetry
	admin    *admin.Server
}

// New starts a deliverer: it loads the configuration, with secrets from env, and
// begins to consume. It needs no broker. When it fails, nothing is left running; a
// wrong configuration is a *config.Error.
func New(ctx context.Context, s Settings, env config.Lookup, log *zap.Logger) (*App, error) {
	cfg, err := config.Load(s.Config, env, config.Destinations)
	if err != nil {
		return nil, err // it names file, line and column itself
	}
	a := &App{settings: s, log: log}
	if err := a.start(context.WithoutCancel(ctx), cfg, env); err != nil {
		if stopErr := a.stop(ctx); stopErr != nil {
			log.Warn("stop after a failed start", zap.Error(stopErr))
		}
		return nil, err
	}
	return a, nil
}

// Run starts a deliverer that logs to stdout, and runs it until ctx is done.
func Run(ctx context.Context, s Settings, env config.Lookup, stdout io.Writer) error {
	log, err := telemetry.Logger(stdout, s.LogLevel, s.LogFormat)
	if err != nil {
		return err
	}
	a, err := New(ctx, s, env, log)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// start starts the parts in the order in which they need each other, and notes
// how to stop each.
func (a *App) start(ctx context.Context, cfg *config.Config, env config.Lookup) (err error) {
	if a.tel, err = telemetry.Start(ctx, "deliverer"); err != nil {
		return fmt.Errorf("start telemetry: %w", err)
	}
	a.push("telemetry", a.tel.Close)

	broker := amqpx.NewPublisher(a.settings.broker(), amqpx.PublisherOptions{}, a.log) //nolint:contextcheck // Close ends it
	a.push("publisher", broker.Close)
	maker := instrument.From(a.tel.Meter)
	publisher := observe.NewPublisher(broker, maker)
	emitter := status.NewEmitter(publisher, status.Options{})
	a.push("status records", emitter.Close)
	consumer := amqpx.NewConsumer(a.settings.broker(), a.log) //nolint:contextcheck // Close ends it
	a.push("consumer", consumer.Close)
	observe.Links(maker, observe.Uses{Publish: broker.Links, Consume: consumer.Links})
	if err := maker.Err(); err != nil {
		return err
	}

	fleet := newFleet(launcher{
		broker: a.settings.broker(), publisher: publisher, recorder: emitter, consumer: consumer, drain: a.settings.ShutdownTimeout,
		meter: a.tel.Meter, tracer: a.tel.Tracer, log: a.log,
	}, a.settings.Routes, a.log)
	listener := control.NewListener(consumer, fleet.obey, a.log)
	reporter := &control.Reporter{Instance: instance(), Publisher: publisher, Look: fleet.look, Log: a.log}
	reloads, err := observe.NewReloads(a.tel.Meter)
	if err != nil {
		return err
	}
	install := newInstaller(&a.settings, fleet, reloads, consumer.Ready, listener.Settled(), a.log)
	follow := &follower{installer: install, path: a.settings.Config, log: a.log}
	if err := a.startAdmin(ctx, []admin.Check{
		{Name: "publisher", Ready: publisher.Ready},
		{Name: "status", Ready: emitter.Ready},
		{Name: "consumer", Ready: consumer.Ready},
		{Name: "topology", Ready: install.ready},
	}); err != nil {
		return err
	}
	a.push("commands", background(ctx, listener.Run))
	a.push("reports", background(ctx, reporter.Run))
	a.push("routes", fleet.stop)
	a.push("configuration", follow.start(ctx, cfg, env))
	return nil
}

func (a *App) startAdmin(ctx context.Context, checks []admin.Check) (err error) {
	listen := a.settings.AdminListen
	if listen == "" {
		listen = defaultAdminListen
	}
	a.admin, err = admin.Start(ctx, admin.Options{
		Listen: listen, Metrics: a.tel.Metrics, PProf: a.settings.PProf, Checks: checks,
	})
	if err != nil {
		return err
	}
	a.push("admin listener", a.admin.Close)
	return nil
}

// push notes how to stop a part. The stack refuses only once Close has begun,
// which starting a part and closing never overlap with.
func (a *App) push(name string, stop func(context.Context) error) {
	if err := a.started.Push(name, stop); err != nil {
		panic("app: start after stop: " + name)
	}
}

// AdminAddr returns the address of the admin listener.
func (a *App) AdminAddr() net.Addr { return a.admin.Addr() }

// Run delivers until ctx is done. Then it takes no more events, gives the running
// attempts the shutdown timeout to finish, settles them, and stops everything. What
// it did not get to stays in the queues.
func (a *App) Run(ctx context.Context) error {
	a.log.Info("delivering", zap.Stringer("admin", a.AdminAddr()))
	<-ctx.Done()
	a.log.Info("stopping")
	a.admin.Drain()
	err := a.stop(ctx)
	a.log.Info("stopped")
	return err
}

func (a *App) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.settings.ShutdownTimeout+closeTime)
	defer cancel()
	return a.started.Close(ctx)
}
