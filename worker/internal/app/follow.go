package app

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
)

// follower watches the configuration file and has what it says installed.
type follower struct {
	installer *installer
	path      string
	last      *config.Config // what was offered last; used by one goroutine at a time
	refused   atomic.Bool    // the last reload was invalid
	log       *zap.Logger
}

func newFollower(i *installer, path string, m metric.Meter, log *zap.Logger) (*follower, error) {
	f := &follower{installer: i, path: path, log: log}
	_, err := m.Int64ObservableGauge("penstock.config.last_reload_success",
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

// start installs c and then whatever the file becomes. The function that it
// returns ends that.
func (f *follower) start(ctx context.Context, c *config.Config, env config.Lookup) (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	f.take(c)
	running.Go(func() { f.installer.run(ctx) })
	running.Go(func() { config.Watch(ctx, f.path, env, f.take, f.refuse, config.Destinations) })
	return func(context.Context) error {
		cancel()
		running.Wait()
		return nil
	}
}

// take has c installed, unless nothing in it is new.
func (f *follower) take(c *config.Config) {
	f.refused.Store(false)
	if f.last != nil && same(f.last, c) {
		return
	}
	f.last = c
	for _, warning := range c.Warnings {
		f.log.Warn("configuration", zap.Stringer("warning", warning))
	}
	f.installer.offer(c)
}

func same(a, b *config.Config) bool {
	return maps.EqualFunc(a.Sources, b.Sources, (*config.Source).Equal) &&
		maps.EqualFunc(a.Destinations, b.Destinations, (*config.Destination).Equal) &&
		maps.EqualFunc(a.Routes, b.Routes, (*config.Route).Equal)
}

func (f *follower) refuse(err error) {
	f.refused.Store(true)
	f.log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
}
