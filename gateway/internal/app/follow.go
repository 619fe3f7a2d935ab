package app

import (
	"context"
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
	log       *zap.Logger
}

func (a *App) newFollower(keys *auth.KeySets) (*follower, error) {
	reloads, err := observe.NewReloads(a.tel.Meter)
	if err != nil {
		return nil, err
	}
	return &follower{
		path: a.settings.Config,
		log:  a.log,
		installer: &installer{
			settings: &a.settings,
			table:    &a.table,
			metrics:  a.metrics,
			gate:     a.gate,
			keys:     keys,
			reloads:  reloads,
			log:      a.log,
			next:     make(chan *config.Config, 1),
		},
	}, nil
}

// start installs cfg and then whatever the file becomes, until ctx is done. The
// channel is closed when all of it has ended.
func (f *follower) start(ctx context.Context, cfg *config.Config, env func(string) (string, bool)) <-chan struct{} {
	var running sync.WaitGroup
	f.take(cfg)
	running.Go(func() { f.installer.run(ctx) })
	running.Go(func() { config.Watch(ctx, f.path, cfg, env, f.take, f.refuse, config.Sources) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		running.Wait()
	}()
	return done
}

// take has c installed.
func (f *follower) take(c *config.Config) {
	if err := f.installer.settings.spoolable(c); err != nil {
		f.refuse(err)
		return
	}
	for _, warning := range c.Warnings {
		f.log.Warn("configuration", zap.Stringer("warning", warning))
	}
	f.installer.offer(c)
}

func (f *follower) refuse(err error) {
	f.installer.reloads.Refused()
	f.log.Error("keeping the old configuration: the new one is wrong", zap.Error(err))
}
