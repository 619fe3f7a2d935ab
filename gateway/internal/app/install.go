package app

import (
	"context"
	"maps"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/reload"
	"github.com/penstock/penstock/pkg/settings"
)

// How long to wait between two tries to declare the topology.
const (
	firstRetry    = 200 * time.Millisecond
	longestRetry  = 3 * time.Second
	mismatchRetry = 30 * time.Second // somebody has to change the broker first
)

// installer puts configurations into force, one after another.
type installer struct {
	settings *Settings
	table    *ingest.Table
	metrics  *ingest.Metrics
	gate     *gate
	fanout   *fanout.Fanout
	keys     *auth.KeySets
	follower *reload.Follower
	reloads  *observe.Reloads
	recover  *recoverer
	log      *zap.Logger
	current  *config.Config // in force
	looked   time.Time      // when the topology was looked at last
}

// run installs what waits, restores what is in doubt, and looks at the rest now and then,
// until ctx is done.
func (i *installer) run(ctx context.Context) {
	look := time.NewTimer(i.untilLook())
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-i.follower.Waiting():
			i.change(ctx, i.follower.Take())
		case <-i.gate.doubts.Raised():
			i.doubt(ctx)
		case <-look.C:
			i.look(ctx)
			look.Reset(i.untilLook())
		}
	}
}

// untilLook is how long until the next look.
func (i *installer) untilLook() time.Duration {
	return provision.UntilLook(i.settings.Topology, i.gate.refused())
}

// change installs c, unless it means nothing new to a gateway. While events are kept back
// it may have come in the place of one that was to let them in again.
func (i *installer) change(ctx context.Context, c *config.Config) {
	if i.current != nil && same(i.current, c) && i.gate.topology() == nil {
		i.reloads.Accepted(c.Read)
		return
	}
	i.install(ctx, c)
}

func same(a, b *config.Config) bool {
	return a.Exchange == b.Exchange && len(a.Accounts) == len(b.Accounts) &&
		maps.EqualFunc(a.Sources, b.Sources, (*config.Source).Equal) &&
		maps.EqualFunc(a.Routes, b.Routes, (*config.Route).Equal)
}

// install makes the topology stand, then serves the sources: the other way round,
// events of a new route would be accepted before its queue is bound. A newer
// configuration ends the tries for this one.
func (i *installer) install(ctx context.Context, c *config.Config) {
	sources, err := ingest.Compile(ctx, c, i.keys, i.table.Sources())
	if err != nil {
		i.reloads.Refused(err)
		i.log.Error("keeping the old configuration: the sources of the new one do not compile", zap.Error(err))
		return
	}
	wait, refused := firstRetry, false
	var s provision.Standing
	for {
		s, err = i.settings.ensure(ctx, c)
		if err == nil {
			err = s.Down
		}
		if err == nil {
			break
		}
		if !refused && len(amqpx.Refusals(err)) > 0 {
			i.reloads.Refused(err)
			refused = true
		}
		wait = i.failed(err, wait)
		select {
		case <-ctx.Done():
			return
		case <-i.follower.Waiting():
			return
		case <-time.After(wait/2 + rand.N(wait/2)): //nolint:gosec // only to spread processes over time
		}
	}
	i.stand(s, c) // a new source's events have to find its routes
	i.table.Replace(sources)
	i.metrics.Begin(ctx, sources)
	if i.current != nil {
		i.settings.warnOfAddresses(c, i.log)
	}
	i.current = c
	i.recover.follow(c) //nolint:contextcheck // it ends with Close, after ctx
	if err := s.Err(); err != nil {
		i.reloads.Refused(err)
	} else {
		i.reloads.Accepted(c.Read)
	}
	i.log.Info("configuration in force", zap.Int("sources", len(c.Sources)), zap.Int("routes", len(c.Routes)))
}

// failed tells of a failed try and returns how long to wait for the next.
func (i *installer) failed(err error, wait time.Duration) time.Duration {
	i.gate.explain(err)
	if len(amqpx.Refusals(err)) > 0 {
		i.log.Error("the broker refuses what no event can be accepted without", zap.Error(err))
		if i.settings.Topology != settings.Check { // each try to declare is an error in the broker's log
			return mismatchRetry
		}
		return longestRetry
	}
	i.log.Warn("the topology does not stand yet", zap.Error(err))
	return min(2*wait, longestRetry)
}
