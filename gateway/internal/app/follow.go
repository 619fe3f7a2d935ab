package app

import (
	"context"
	"maps"
	"sync"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/observe"
)

// follower watches the configuration file and has what it says installed.
type follower struct {
	installer *installer
	path      string
	last      *config.Config // what was installed last; used by one goroutine at a time
	reloads   *observe.Reloads
	log       *zap.Logger
}

func (a *App) newFollower(keys *auth.KeySets) (*follower, error) {
	f := &follower{
		path: a.settings.Config,
		log:  a.log,
		installer: &installer{
			settings: &a.settings,
			table:    &a.table,
			metrics:  a.metrics,
			gate:     a.gate,
			keys:     keys,
			log:      a.log,
			next:     make(chan *config.Config, 1),
		},
	}
	var err error
	if f.reloads, err = observe.NewReloads(a.tel.Meter); err != nil {
		return nil, err
	}
	return f, nil
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
	if err := f.installer.settings.spoolable(c); err != nil {
		f.refuse(err)
		return
	}
	f.reloads.Accepted()
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
	f.reloads.Refused()
	f.log.Error("keeping the old configuration: the new one is wrong", zap.Error(err))
}
