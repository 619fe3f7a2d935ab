package app

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/reload"
)

// How long to try to make the topology stand, before routes start without it and
// before the try is logged, and how long to wait between such tries.
const (
	ensureTimeout = 10 * time.Second
	ensurePause   = 5 * time.Second
	lookEvery     = 500 * time.Millisecond // for a queue that is gone
)

var errNoTopology = errors.New("the topology is not declared yet")

// installer puts configurations into force, one after another.
type installer struct {
	settings *DeliverSettings
	fleet    *fleet
	queues   queues
	known    <-chan struct{} // closed when it is known which destinations are paused
	follower *reload.Follower
	reloads  *observe.Reloads
	log      *zap.Logger
	current  *config.Config // in force; nil: none yet
	applied  *config.Config // what the routes run by: another one, while its topology does not stand
	problem  atomic.Pointer[error]
}

// queues remember that one of them was gone. A *amqpx.Consumer does.
type queues interface {
	Gone() error
	Forget()
}

// ready says why the topology does not stand: not yet, or perhaps not any more.
func (i *installer) ready() error {
	if err := i.problem.Load(); err != nil {
		return *err
	}
	return i.queues.Gone()
}

// run installs what waits until ctx is done, and keeps it standing.
func (i *installer) run(ctx context.Context) {
	look := time.NewTimer(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-i.follower.Waiting():
			i.change(ctx, i.follower.Take())
		case <-look.C:
			look.Reset(i.heal(ctx))
		}
	}
}

// change installs c, unless nothing in it is new.
func (i *installer) change(ctx context.Context, c *config.Config) {
	if i.current != nil && i.applied == i.current && same(i.current, c) {
		i.reloads.Accepted(c.Read)
		return
	}
	i.install(ctx, c)
}

func same(a, b *config.Config) bool {
	return maps.EqualFunc(a.Sources, b.Sources, (*config.Source).Equal) &&
		maps.EqualFunc(a.Destinations, b.Destinations, (*config.Destination).Equal) &&
		maps.EqualFunc(a.Routes, b.Routes, (*config.Route).Equal)
}

// heal makes the topology again when a route's queue is gone: somebody deleted it, or
// the broker was made anew. Until then its events reach the archive only. A queue that
// was gone and is back was made by another process, which may not have bound it yet, or
// have ended before. It returns how long to wait before it looks again.
func (i *installer) heal(ctx context.Context) time.Duration {
	if i.current == nil || i.ready() == nil {
		return lookEvery
	}
	if err := i.ensure(ctx, i.current); err != nil {
		i.log.Error("a route's queue is gone, and could not be made again", zap.Error(err))
		return ensurePause
	}
	i.log.Warn("a route's queue was gone; it is there again, without the events that it held")
	return ensurePause // the route consumes it in a moment
}

// install tries once to make the topology stand and then lets the routes run,
// because those whose queues are there can work meanwhile. It goes on trying until
// a newer configuration comes.
func (i *installer) install(ctx context.Context, c *config.Config) {
	err := i.ensure(ctx, c)
	select {
	case <-i.known: // a paused destination gets nothing, not even at the start
	case <-ctx.Done():
		return
	}
	applyErr := i.fleet.apply(ctx, c)
	if applyErr != nil {
		i.reloads.Refused()
		i.log.Error("keeping the old routes: the new configuration cannot be used", zap.Error(applyErr))
	} else {
		i.applied = c
	}
	if applyErr == nil && fault.IsPermanent(err) { // the broker has it otherwise: no try mends that
		i.reloads.Refused()
	}
	for err != nil {
		i.log.Warn("the topology does not stand yet", zap.Error(err))
		select {
		case <-ctx.Done():
			return
		case <-i.follower.Waiting():
			return
		case <-time.After(ensurePause):
			err = i.ensure(ctx, c)
		}
	}
	i.current = c
	if applyErr != nil {
		return
	}
	i.reloads.Accepted(c.Read)
	i.log.Info("configuration in force", zap.Int("routes", len(c.Routes)))
}

// ensure makes, or only checks, what the configuration needs in the broker. The
// quarantine is left to the gateways, which alone write to it.
func (i *installer) ensure(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, ensureTimeout)
	defer cancel()
	plan := provision.Plan(&i.settings.AMQP, c)
	plan.Quarantine = false
	err := provision.Ensure(ctx, i.settings.broker(), i.settings.Topology, plan)
	if err == nil {
		i.queues.Forget() // one that is gone again is missed again
		i.problem.Store(nil)
	} else if i.ready() != nil {
		i.problem.Store(&err)
	}
	return err
}
