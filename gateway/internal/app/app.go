package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/reload"
	"github.com/penstock/penstock/pkg/telemetry"
)

// App is a running gateway.
type App struct {
	settings Settings
	log      *zap.Logger
	started  lifecycle.Stack
	tel      *telemetry.Telemetry
	table    ingest.Table
	gate     *gate
	fanout   *fanout.Fanout
	spool    *spool.Spool // nil: there is no folder for it
	metrics  *ingest.Metrics
	reloads  *observe.Reloads
	limits   ingest.Limits
	captured *ingest.Captured
	recover  *recoverer
	admin    *admin.Server
	http     *httpapi.Server
	serving  atomic.Bool // http is there
}

// New starts a gateway: it loads the configuration, with secrets from env, and
// listens. It needs no broker. When it fails, nothing is left running; a wrong
// configuration is a *config.Error.
func New(ctx context.Context, s Settings, env config.Lookup, log *zap.Logger) (*App, error) {
	cfg, err := config.Load(s.Config, env, config.Sources)
	if err != nil {
		return nil, err // it names file, line and column itself
	}
	if err := s.Fits(cfg); err != nil {
		return nil, err
	}
	a := &App{settings: s, log: log, captured: ingest.NewCaptured(log)}
	if err := a.start(ctx, cfg, env); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.ShutdownTimeout)
		defer cancel()
		if stopErr := a.started.Close(stop); stopErr != nil {
			log.Warn("stop after a failed start", zap.Error(stopErr))
		}
		return nil, err
	}
	return a, nil
}

// start starts the parts in the order in which they need each other, and notes
// how to stop each.
func (a *App) start(ctx context.Context, cfg *config.Config, env config.Lookup) (err error) {
	if a.tel, err = telemetry.Start(ctx, "gateway"); err != nil {
		return fmt.Errorf("start telemetry: %w", err)
	}
	a.started.MustPush("telemetry", a.tel.Close)
	a.settings.WarnOfStreams(a.log)

	publisher := amqpx.NewPublisher(a.settings.broker(), a.settings.Publishing(), a.log) //nolint:contextcheck // it ends with Close, after ctx
	a.started.MustPush("publisher", publisher.Close)
	a.gate = newGate()
	if err := a.measure(publisher); err != nil {
		return err
	}
	if err := a.startFanout(publisher); err != nil {
		return err
	}
	if err := a.startSpool(); err != nil { //nolint:contextcheck // it ends with Close, after ctx
		return err
	}
	if err := a.startAdmin(ctx, publisher); err != nil {
		return err
	}
	if err := a.startConfig(ctx, cfg, env); err != nil {
		return err
	}
	return a.startHTTP(ctx)
}

func (a *App) startAdmin(ctx context.Context, publisher *amqpx.Publisher) (err error) {
	a.admin, err = admin.Start(ctx, admin.Options{
		Listen:  cmp.Or(a.settings.AdminListen, defaultAdminListen),
		Metrics: a.tel.Metrics,
		PProf:   a.settings.PProf,
		Routes:  map[string]http.Handler{ingest.CapturedRoute: a.captured},
		Checks: []admin.Check{
			{Name: "broker", Ready: a.broker(publisher.Ready)},
			{Name: "topology", Ready: a.topology},
			{Name: "queues", Ready: func() error { return admin.Tolerate(a.shutQueues()) }},
			{Name: "configuration", Ready: func() error { return admin.Tolerate(a.reloads.Current()) }},
		},
	})
	if err != nil {
		return err
	}
	a.started.MustPush("admin listener", a.admin.Close)
	return observe.Readiness(a.tel.Meter, a.admin.Ready)
}

// startConfig serves the sources of cfg and keeps following the file. The first
// configuration is served before its topology stands, so that senders are told
// what is wrong with their requests; the gate keeps events back until then.
func (a *App) startConfig(ctx context.Context, cfg *config.Config, env config.Lookup) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.started.MustPush("key sets", func(context.Context) error { cancel(); return nil })
	keys := auth.NewKeySets(ctx, auth.KeySetOptions{Log: a.log})
	sources, err := ingest.Compile(ctx, cfg, keys, nil)
	if err != nil {
		return fmt.Errorf("compile the configuration: %w", err)
	}
	a.table.Replace(sources)
	a.settings.warnOfAddresses(cfg, a.log)
	a.metrics.Begin(ctx, sources)
	follower := reload.New(cfg, reload.Options{
		Path: a.settings.Config, Env: env, Part: config.Sources, Check: a.settings.Fits, Reloads: a.reloads, Log: a.log,
	})
	a.recover = &recoverer{broker: a.settings.broker(), log: a.log}
	install := &installer{
		settings: &a.settings, recover: a.recover, table: &a.table, metrics: a.metrics, gate: a.gate, fanout: a.fanout, keys: keys,
		follower: follower, reloads: a.reloads, log: a.log,
	}
	a.started.MustPush("configuration", lifecycle.Background(ctx, install.run))
	a.started.MustPush("configuration file", lifecycle.Background(ctx, follower.Run))
	return nil
}

func (a *App) startHTTP(ctx context.Context) error {
	known, err := a.startDedup()
	if err != nil {
		return err
	}
	failed, err := a.startQuarantine() //nolint:contextcheck // it ends with Close, after ctx
	if err != nil {
		return err
	}
	pipeline := ingest.NewPipeline(ingest.Options{
		Table:      &a.table,
		Publisher:  a.gate,
		Spool:      a.spooler(),
		Dedup:      known,
		Quarantine: failed,
		Refusals:   a.startRefusals(), //nolint:contextcheck // it ends with Close, after ctx
		Suspects:   ingest.NewSuspects(a.settings.failures()),
		Captured:   a.captured,
		Limits:     a.limits,
		Metrics:    a.metrics,
		Log:        a.log,
		Timeout:    a.settings.PublishTimeout,
	})
	a.recover.use(pipeline) //nolint:contextcheck // it ends with Close, after ctx
	a.started.MustPush("recovered events", a.recover.Close)
	a.http, err = httpapi.Start(ctx, httpapi.Options{
		Settings: a.settings.Settings,
		Pipeline: pipeline,
		Tracers:  a.tel.Tracers,
		Trusts:   a.table.Trusts,
		Timeouts: httpapi.TimeoutsFor(a.settings.PublishTimeout),
		Most:     a.settings.maxConnections(),
		Log:      a.log,
	})
	if err != nil {
		return err
	}
	a.started.MustPush("HTTP listener", a.http.Close)
	a.serving.Store(true)
	return a.measureCertificate()
}

// Addr returns the address that receives webhooks.
func (a *App) Addr() net.Addr { return a.http.Addr() }

// AdminAddr returns the address of the admin listener.
func (a *App) AdminAddr() net.Addr { return a.admin.Addr() }

// Run serves until ctx is done or the listener fails, then stops everything: not
// ready at once; after the drain delay no new connections; running requests get
// the shutdown timeout to finish, and so do their publishes.
func (a *App) Run(ctx context.Context) error {
	a.log.Info("serving", zap.Stringer("webhooks", a.Addr()), zap.Stringer("admin", a.AdminAddr()))
	pacing, enough := context.WithCancel(context.WithoutCancel(ctx))
	var pacer sync.WaitGroup
	pacer.Go(func() { paceGarbage(pacing) })
	defer func() { enough(); pacer.Wait() }()
	var failure error
	select {
	case <-ctx.Done():
		a.drain()
	case failure = <-a.http.Failed():
	}
	a.log.Info("stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.settings.ShutdownTimeout)
	defer cancel()
	err := errors.Join(failure, a.started.Close(stop))
	a.log.Info("stopped")
	return err
}

// drain gives load balancers time to send requests elsewhere, and serves what
// still comes.
func (a *App) drain() {
	a.log.Info("draining", zap.Duration("delay", a.settings.DrainDelay))
	a.admin.Drain()
	a.http.Drain()
	time.Sleep(a.settings.DrainDelay)
}
