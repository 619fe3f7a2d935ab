package app

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
)

// follower watches the configuration file and has what it says installed.
type follower struct {
	installer *installer
	path      string
	last      *config.Config // what was installed last; used by one goroutine at a time
	refused   atomic.Bool    // the last reload was invalid
	log       *zap.Logger
}

func (a *App) newFollower(keys *auth.KeySets) (*follower, error) {
	f := &follower{
		path: a.settings.Config,
		log:  a.log,
		installer: &installer{
			settings: &a.settings,
			table:    &a.table,
			gate:     a.gate,
			keys:     keys,
			log:      a.log,
			next:     make(chan *config.Config, 1),
		},
	}
	_, err := a.tel.Meter.Int64ObservableGauge("penstock.config.last_reload_success",
		metric.WithDescription("1 when the configuration file is in force as it is, 0 when it was refused"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(f.success())
			return nil
		}))
	if err != nil {
		return nil, fmt.Errorf("make the configuration's metrics: %w", err)
	}
	return f, nil
}

func (f *follower) success() int64 {
	if f.refused.Load() {
		return 0
	}
	return 1
}

// start installs cfg and then whatever the file becomes, until ctx is done. The
// channel is closed when all of it has ended.
func (f *follower) start(ctx context.Context, cfg *config.Config, env func(string) (string, bool)) <-chan struct{} {
	var running sync.WaitGroup
	f.take(cfg)
	running.Go(func() { f.installer.run(ctx) })
	running.Go(func() { config.Watch(ctx, f.path, env, f.take, f.refuse, config.Sources) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		running.Wait()
	}()
	return done
}

// take has c installed, unless it means nothing new to a gateway.
func (f *follower) take(c *config.Config) {
	f.refused.Store(false)
	if f.last != nil && sameForGateway(f.last, c) {
		return
	}
	for _, warning := range c.Warnings {
		f.log.Warn("configuration", zap.Stringer("warning", warning))
	}
	f.last = c
	f.installer.offer(c)
}

func sameForGateway(a, b *config.Config) bool {
	return maps.EqualFunc(a.Sources, b.Sources, (*config.Source).Equal) &&
		maps.EqualFunc(a.Routes, b.Routes, (*config.Route).Equal)
}

func (f *follower) refuse(err error) {
	f.refused.Store(true)
	f.log.Error("keeping the old configuration: the new one is wrong", zap.Error(err))
}
