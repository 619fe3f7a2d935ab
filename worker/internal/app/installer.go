package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
)

// How long to try to make the topology stand, before routes start without it and
// before the try is logged, and how long to wait between such tries.
const (
	ensureTimeout = 10 * time.Second
	ensurePause   = 5 * time.Second
)

var errNoTopology = errors.New("the topology is not declared yet")

// installer puts configurations into force, one after another.
type installer struct {
	settings *Settings
	fleet    *fleet
	log      *zap.Logger
	next     chan *config.Config // holds the newest one that waits
	problem  atomic.Pointer[error]
}

func newInstaller(s *Settings, f *fleet, log *zap.Logger) *installer {
	i := &installer{settings: s, fleet: f, log: log, next: make(chan *config.Config, 1)}
	i.problem.Store(&errNoTopology)
	return i
}

// ready says why the topology of the first configuration does not stand yet.
func (i *installer) ready() error {
	if err := i.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// offer makes c the next configuration, instead of an older one that still waits.
// It is called by one goroutine.
func (i *installer) offer(c *config.Config) {
	select {
	case <-i.next:
	default:
	}
	i.next <- c
}

// run installs what is offered until ctx is done.
func (i *installer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-i.next:
			i.install(ctx, c)
		}
	}
}

// install tries once to make the topology stand and then lets the routes run,
// because those whose queues are there can work meanwhile. It goes on trying until
// a newer configuration comes.
func (i *installer) install(ctx context.Context, c *config.Config) {
	err := i.ensure(ctx, c)
	if applyErr := i.fleet.apply(ctx, c); applyErr != nil {
		i.log.Error("keeping the old routes: the new configuration cannot be used", zap.Error(applyErr))
	}
	for err != nil {
		i.log.Warn("the topology does not stand yet", zap.Error(err))
		select {
		case <-ctx.Done():
			return
		case newer := <-i.next:
			i.offer(newer)
			return
		case <-time.After(ensurePause):
			err = i.ensure(ctx, c)
		}
	}
	i.log.Info("configuration in force", zap.Int("routes", len(c.Routes)))
}

func (i *installer) ensure(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, ensureTimeout)
	defer cancel()
	err := i.settings.ensure(ctx, c)
	if err == nil {
		i.problem.Store(nil)
	} else if i.ready() != nil {
		i.problem.Store(&err)
	}
	return err
}
