package app

import (
	"context"
	"maps"
	"sync"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/observe"
)

// follower watches the configuration file and has what it says installed.
type follower struct {
	installer *installer
	path      string
	last      *config.Config // what was offered last; used by one goroutine at a time
	reloads   *observe.Reloads
	log       *zap.Logger
}

func newFollower(i *installer, path string, m metric.Meter, log *zap.Logger) (*follower, error) {
	reloads, err := observe.NewReloads(m)
	if err != nil {
		return nil, err
	}
	return &follower{installer: i, path: path, reloads: reloads, log: log}, nil
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
	f.reloads.Accepted()
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
	f.reloads.Refused()
	f.log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
}
