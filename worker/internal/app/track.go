package app

import (
	"context"
	"net"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/canary"
	"github.com/penstock/penstock/worker/internal/condition"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/depth"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/notify"
	"github.com/penstock/penstock/worker/internal/quarantine"
	"github.com/penstock/penstock/worker/internal/reconcile"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/track"
)

// Tracker is a running tracker process.
type Tracker struct {
	service

	settings TrackSettings
	store    *store.Store
	tracker  *track.Tracker
	config   atomic.Pointer[config.Config]
	api      *api.Server
	ledger   *ledger.Ledger

	runner    *replay.Runner
	commander *control.Commander
	fleet     *control.Fleet
	collector *control.Collector
	depth     *depth.Watch
	canaries  *canary.Watch

	reloads    *observe.Reloads
	conditions *condition.Watch
	notifier   *notify.Notifier
	quarantine *quarantine.Reader // nil: the broker has no streams
	reconcile  *reconcile.Reconciler
}

// NewTracker starts a tracker: it loads the configuration with the secrets of its notifications and accounts,
// opens the store, and begins to track. It needs no broker. When it fails, nothing is
// left running; a wrong configuration is a *config.Error.
func NewTracker(ctx context.Context, s TrackSettings, env config.Lookup, log *zap.Logger) (*Tracker, error) {
	cfg, err := config.Load(s.Config, env, config.Notified, config.Accounts)
	if err != nil {
		return nil, err // it names file, line and column itself
	}
	t := &Tracker{service: service{process: s.Process, log: log}, settings: s}
	if err := t.start(context.WithoutCancel(ctx), cfg, env); err != nil {
		t.abandon(ctx)
		return nil, err
	}
	return t, nil
}

// start starts the parts in the order in which they need each other, and notes how to
// stop each.
func (t *Tracker) start(ctx context.Context, cfg *config.Config, env config.Lookup) (err error) {
	if err := t.startTelemetry(ctx, "tracker"); err != nil {
		return err
	}
	t.settings.WarnOfStreams(t.log)
	if t.store, err = store.OpenFollowing(ctx, t.settings.StoreURL, rereadStoreURL()); err != nil {
		return err
	}
	t.started.MustPush("store", func(context.Context) error { return t.store.Close() })
	consumer := amqpx.NewConsumer(t.settings.broker(), t.log)
	t.started.MustPush("consumer", consumer.Close)
	maker := instrument.From(t.tel.Meter)
	observe.Links(maker, observe.Uses{Consume: consumer.Links})
	if err := maker.Err(); err != nil {
		return err
	}
	if t.tracker, err = track.New(track.Options{
		Store: t.store, Consumer: consumer, Archive: t.settings.Archive, NoStreams: !t.settings.HasStreams(), Retention: t.settings.Retention,
		Meter: t.tel.Meter, Log: t.log, Beside: t.beside,
	}); err != nil {
		return err
	}
	v := t.startVoice() //nolint:contextcheck // it ends with Close
	if err := t.makeLedger(consumer, v); err != nil {
		return err
	}
	t.makeJobs(consumer, v)
	if err := t.makeIncidents(consumer); err != nil {
		return err
	}
	if err := t.makeDepth(consumer, v); err != nil {
		return err
	}
	if err := t.makeReconciler(v); err != nil {
		return err
	}
	if err := t.startAdmin(ctx, defaultTrackAdminListen, []admin.Check{
		{Name: "broker", Ready: consumer.Ready},
		{Name: "store", Ready: t.tracker.Ready},
	}); err != nil {
		return err
	}
	if err := t.follow(ctx, cfg, env); err != nil {
		return err
	}
	if t.settings.HasStreams() {
		t.started.MustPush("deliverers", lifecycle.Background(ctx, t.fleet.Run))
	}
	t.started.MustPush("tracker", lifecycle.Background(ctx, t.tracker.Run))
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
		Listen: t.settings.Listen, Store: t.store, Guard: guard, Names: t.settings.names(), Config: t.config.Load, Changed: t.tracker.Changed, Log: t.log,
		Fleet: t.fleet, Commander: t.commander, Broker: consumer, CallRunner: t.runner.Call, Notifier: t.notifier,
	}
	options.NoStreams = !t.settings.HasStreams()
	options.CheckAccount = checkAccount
	if t.settings.Archive {
		archive := track.NewArchive(consumer)
		options.Archive, options.Follower = archive, archive
	}
	options.Console = t.console(options)
	if t.api, err = api.Start(ctx, options); err != nil {
		return err
	}
	t.started.MustPush("API listener", t.api.Close)
	return nil
}

// follow tells the tracker of the configuration's routes, and of what they become.
func (t *Tracker) follow(ctx context.Context, cfg *config.Config, env config.Lookup) error {
	take := func(c *config.Config) {
		t.config.Store(c)
		bindings := make(map[string][]string, len(c.Routes))
		for name, route := range c.Routes {
			bindings[name] = route.Bindings()
		}
		t.tracker.Configure(bindings)
		t.reloads.Accepted(c.Read)
	}
	refuse := func(err error) {
		t.reloads.Refused(err)
		t.log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
	}
	take(cfg)
	t.started.MustPush("configuration", lifecycle.Background(ctx, func(ctx context.Context) {
		config.Watch(ctx, t.settings.Config, cfg, env, take, refuse, config.Notified, config.Accounts)
	}))
	return nil
}

// Addr returns the address of the API.
func (t *Tracker) Addr() net.Addr { return t.api.Addr() }

// Run tracks until ctx is done, and then stops everything. What it has not stored yet
// stays in the streams.
func (t *Tracker) Run(ctx context.Context) error {
	t.log.Info("tracking", zap.Stringer("api", t.Addr()), zap.Stringer("admin", t.AdminAddr()))
	return t.serve(ctx)
}
