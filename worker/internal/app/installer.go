package app

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/reload"
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
	settings *DeliverSettings
	fleet    *fleet
	queues   queues
	known    <-chan struct{} // closed when it is known which destinations are paused
	follower *reload.Follower
	reloads  *observe.Reloads
	log      *zap.Logger
	current  *config.Config // in force; nil: none yet
	applied  *config.Config // what the routes run by: another one, while its topology does not stand
	doubts   *provision.Doubts
	problem  atomic.Pointer[error]
	standing atomic.Pointer[provision.Standing] // what the broker refuses; nil: it was not asked yet
	unfit    map[string]provision.Trouble       // the routes that do not run because of that
	partial  bool                               // because of that the configuration is not in force as it is
	looked   time.Time                          // when it was asked last
	next     time.Time                          // when to ask it again
}

// queues remember that one of them was gone. A *amqpx.Consumer does.
type queues interface {
	Gone() error
	Forget()
}

// ready says why the topology does not stand: not yet, or perhaps not any more. What the
// broker refuses of some routes keeps the others from nothing.
func (i *installer) ready() error {
	if err := i.problem.Load(); err != nil {
		return *err
	}
	if err := i.queues.Gone(); err != nil {
		return err
	}
	return i.judge(i.stands())
}

// await waits until the topology stands, or ctx is done, which it reports.
func (i *installer) await(ctx context.Context) (stands bool) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for i.problem.Load() != nil {
		select {
		case <-ctx.Done():
			return false
		case <-ticks.C:
		}
	}
	return true
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
		case <-i.doubts.Raised():
			i.doubt()
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
	return a.Exchange == b.Exchange && maps.EqualFunc(a.Sources, b.Sources, (*config.Source).Equal) &&
		maps.EqualFunc(a.Destinations, b.Destinations, (*config.Destination).Equal) &&
		maps.EqualFunc(a.Routes, b.Routes, (*config.Route).Equal)
}

// install tries once to make the topology stand and then lets the routes run,
// because those whose queues are there can work meanwhile. It goes on trying until
// a newer configuration comes. A route of which the broker refuses something stops no
// other one.
func (i *installer) install(ctx context.Context, c *config.Config) {
	err := i.ensure(ctx, c)
	select {
	case <-i.known: // a paused destination gets nothing, not even at the start
	case <-ctx.Done():
		return
	}
	applied := i.apply(ctx, c, i.unfitFor(c, err))
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
	if !applied {
		return
	}
	i.settle(ctx)
	trouble := i.stands().Err()
	i.partial = trouble != nil
	if i.partial {
		i.reloads.Refused(trouble)
	} else {
		i.reloads.Accepted(c.Read)
	}
	i.log.Info("configuration in force", zap.Int("routes", len(c.Routes)))
}

// apply lets the routes run, except the unfit ones, and reports whether they do.
func (i *installer) apply(ctx context.Context, c *config.Config, unfit map[string]provision.Trouble) bool {
	if err := i.fleet.apply(ctx, c, unfit); err != nil {
		i.reloads.Refused(err)
		i.log.Error("keeping the old routes: the new configuration cannot be used", zap.Error(err))
		return false
	}
	i.applied, i.unfit = c, unfit
	return true
}

// unfitFor returns the routes that must not run. While nothing is known about the topology
// those are the ordered ones: with another number of partitions the order would be lost.
func (i *installer) unfitFor(c *config.Config, unknown error) map[string]provision.Trouble {
	if unknown == nil {
		return i.stands().Unfit()
	}
	unfit := map[string]provision.Trouble{}
	for name, route := range c.Routes {
		if route.Partitions() > 0 {
			unfit[name] = provision.Trouble{Err: unknown, Changed: true}
		}
	}
	return unfit
}
