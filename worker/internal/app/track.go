package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/telemetry"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// Tracker is a running tracker process.
type Tracker struct {
	settings TrackSettings
	log      *zap.Logger
	started  lifecycle.Stack
	tel      *telemetry.Telemetry
	admin    *admin.Server
	store    *store.Store
	tracker  *track.Tracker
	config   atomic.Pointer[config.Config]
	api      *api.Server
	ledger   *ledger.Ledger

	runner    *replay.Runner
	commander *control.Commander
	fleet     *control.Fleet
	collector *control.Collector
}

// NewTracker starts a tracker: it loads the configuration, of which it needs no secret,
// opens the store, and begins to track. It needs no broker. When it fails, nothing is
// left running; a wrong configuration is a *config.Error.
func NewTracker(ctx context.Context, s TrackSettings, env config.Lookup, log *zap.Logger) (*Tracker, error) {
	cfg, err := config.Load(s.Config, env, config.NoSecrets)
	if err != nil {
		return nil, err // it names file, line and column itself
	}
	t := &Tracker{settings: s, log: log}
	if err := t.start(context.WithoutCancel(ctx), cfg, env); err != nil {
		if stopErr := t.stop(ctx); stopErr != nil {
			log.Warn("stop after a failed start", zap.Error(stopErr))
		}
		return nil, err
	}
	return t, nil
}

// RunTracker starts a tracker that logs to stdout, and runs it until ctx is done.
func RunTracker(ctx context.Context, s TrackSettings, env config.Lookup, stdout io.Writer) error {
	log, err := telemetry.Logger(stdout, s.LogLevel, s.LogFormat)
	if err != nil {
		return err
	}
	t, err := NewTracker(ctx, s, env, log)
	if err != nil {
		return err
	}
	return t.Run(ctx)
}

// start starts the parts in the order in which they need each other, and notes how to
// stop each.
func (t *Tracker) start(ctx context.Context, cfg *config.Config, env config.Lookup) (err error) {
	if t.tel, err = telemetry.Start(ctx, "tracker"); err != nil {
		return fmt.Errorf("start telemetry: %w", err)
	}
	t.push("telemetry", t.tel.Close)
	if t.store, err = store.Open(ctx, t.settings.StoreURL); err != nil {
		return err
	}
	t.push("store", func(context.Context) error { return t.store.Close() })
	consumer := amqpx.NewConsumer(t.settings.broker(), t.log) //nolint:contextcheck // it ends with Close
	t.push("consumer", consumer.Close)
	maker := instrument.From(t.tel.Meter)
	observe.Links(maker, observe.Uses{Consume: consumer.Links})
	if err := maker.Err(); err != nil {
		return err
	}
	if t.tracker, err = track.New(track.Options{
		Store: t.store, Consumer: consumer, Archive: t.settings.Archive, Retention: t.settings.Retention,
		Meter: t.tel.Meter, Log: t.log, Beside: t.beside,
	}); err != nil {
		return err
	}
	v := t.startVoice() //nolint:contextcheck // it ends with Close
	if err := t.makeLedger(consumer, v); err != nil {
		return err
	}
	t.makeJobs(consumer, v)
	if err := t.startAdmin(ctx, []admin.Check{
		{Name: "broker", Ready: consumer.Ready},
		{Name: "store", Ready: t.tracker.Ready},
	}); err != nil {
		return err
	}
	if err := t.follow(ctx, cfg, env); err != nil {
		return err
	}
	t.push("deliverers", background(ctx, t.fleet.Run))
	t.push("tracker", background(ctx, t.tracker.Run))
	return t.startAPI(ctx, consumer)
}

func (t *Tracker) startAPI(ctx context.Context, consumer *amqpx.Consumer) error {
	guard, err := api.NewGuard(t.settings.APITokensFile, t.settings.APIOpen, t.log)
	if err != nil {
		return err
	}
	if t.settings.APIOpen {
		t.log.Warn("the API is open to everybody")
	}
	options := api.Options{
		Listen: t.settings.Listen, Store: t.store, Guard: guard, Config: t.config.Load, Changed: t.tracker.Changed, Log: t.log,
		Fleet: t.fleet, Commander: t.commander, Broker: consumer, CallRunner: t.runner.Call,
	}
	if t.settings.Archive {
		options.Archive = track.NewArchive(consumer)
	}
	options.Console = t.console(options)
	if t.api, err = api.Start(ctx, options); err != nil {
		return err
	}
	t.push("API listener", t.api.Close)
	return nil
}

func (t *Tracker) startAdmin(ctx context.Context, checks []admin.Check) (err error) {
	listen := t.settings.AdminListen
	if listen == "" {
		listen = defaultTrackAdminListen
	}
	t.admin, err = admin.Start(ctx, admin.Options{
		Listen: listen, Metrics: t.tel.Metrics, PProf: t.settings.PProf, Checks: checks,
	})
	if err != nil {
		return err
	}
	t.push("admin listener", t.admin.Close)
	return nil
}

// follow tells the tracker of the configuration's routes, and of what they become.
func (t *Tracker) follow(ctx context.Context, cfg *config.Config, env config.Lookup) error {
	reloads, err := observe.NewReloads(t.tel.Meter)
	if err != nil {
		return err
	}
	take := func(c *config.Config) {
		t.config.Store(c)
		bindings := make(map[string][]string, len(c.Routes))
		for name, route := range c.Routes {
			bindings[name] = route.Bindings()
		}
		t.tracker.Configure(bindings)
		reloads.Accepted(c.Read)
	}
	refuse := func(err error) {
		reloads.Refused()
		t.log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
	}
	take(cfg)
	t.push("configuration", background(ctx, func(ctx context.Context) {
		config.Watch(ctx, t.settings.Config, cfg, env, take, refuse, config.NoSecrets)
	}))
	return nil
}

// background starts work, and returns what ends it and waits for that.
func background(ctx context.Context, work func(context.Context)) (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx)
	}()
	return func(stopping context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stopping.Done():
			return context.Cause(stopping)
		}
	}
}

// push notes how to stop a part. The stack refuses only once Close has begun, which
// starting a part and closing never overlap with.
func (t *Tracker) push(name string, stop func(context.Context) error) {
	if err := t.started.Push(name, stop); err != nil {
		panic("app: start after stop: " + name)
	}
}

// Addr returns the address of the API.
func (t *Tracker) Addr() net.Addr { return t.api.Addr() }

// AdminAddr returns the address of the admin listener.
func (t *Tracker) AdminAddr() net.Addr { return t.admin.Addr() }

// Run tracks until ctx is done, and then stops everything. What it has not stored yet
// stays in the streams.
func (t *Tracker) Run(ctx context.Context) error {
	t.log.Info("tracking", zap.Stringer("api", t.Addr()), zap.Stringer("admin", t.AdminAddr()))
	<-ctx.Done()
	t.log.Info("stopping")
	t.admin.Drain()
	err := t.stop(ctx)
	t.log.Info("stopped")
	return err
}

func (t *Tracker) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.settings.ShutdownTimeout+closeTime)
	defer cancel()
	return t.started.Close(ctx)
}
