package app

import (
	"context"
	"sync"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
)

// follower watches the configuration file and has what it says installed.
type follower struct {
	installer *installer
	path      string
	log       *zap.Logger
}

// start installs c and then whatever the file becomes. The function that it
// returns ends that.
func (f *follower) start(ctx context.Context, c *config.Config, env config.Lookup) (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	f.take(c)
	running.Go(func() { f.installer.run(ctx) })
	running.Go(func() { config.Watch(ctx, f.path, c, env, f.take, f.refuse, config.Destinations) })
	return func(context.Context) error {
		cancel()
		running.Wait()
		return nil
	}
}

// take has c installed.
func (f *follower) take(c *config.Config) {
	for _, warning := range c.Warnings {
		f.log.Warn("configuration", zap.Stringer("warning", warning))
	}
	f.installer.offer(c)
}

func (f *follower) refuse(err error) {
	f.installer.reloads.Refused()
	f.log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
}
