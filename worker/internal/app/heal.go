package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
)

// lookEvery is how often to look for a queue that is gone.
const lookEvery = 500 * time.Millisecond

// stands returns what the broker refused when it was asked last.
func (i *installer) stands() provision.Standing {
	if s := i.standing.Load(); s != nil {
		return *s
	}
	return provision.Standing{}
}

// doubt has the topology looked at soon.
func (i *installer) doubt() {
	if soon := i.looked.Add(provision.BetweenDoubts); soon.Before(i.next) {
		i.next = soon
	}
}

// heal makes the topology again when a route's queue is gone: an operator deleted it, or
// the broker was made again. Until then its events reach the archive only. A queue that
// was gone and is back was made by another process, which may not have bound it yet, or
// have ended before. Now and then it makes it again for no reason that shows. It returns how
// long to wait before it looks again.
func (i *installer) heal(ctx context.Context) time.Duration {
	gone := i.queues.Gone()
	if i.current == nil || gone == nil && time.Now().Before(i.next) {
		return lookEvery
	}
	err := i.ensure(ctx, i.current)
	i.settle(ctx)
	i.complete()
	switch {
	case gone == nil:
		return lookEvery
	case err != nil:
		i.log.Error("a route's queue is gone, and could not be made again", zap.Error(err))
	default:
		i.log.Warn("a route's queue was gone; it is there again, without the events that it held")
	}
	return ensurePause // the route consumes it in a moment
}

// complete notes that nothing is refused any more.
func (i *installer) complete() {
	if i.partial && i.stands().Err() == nil {
		i.partial = false
		i.reloads.Accepted(i.current.Read)
	}
}

// ensure makes, or only checks, what the configuration needs in the broker. The
// quarantine is left to the gateways, which alone write to it.
func (i *installer) ensure(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, ensureTimeout)
	defer cancel()
	plan := provision.Plan(&i.settings.AMQP, c)
	plan.Quarantine = false
	s, err := provision.Ensure(ctx, provision.AccessFor(&i.settings.AMQP, delivererName), plan)
	i.looked = time.Now()
	i.next = i.looked.Add(provision.UntilLook(i.settings.Topology, s.Err()))
	if err != nil {
		if i.problem.Load() != nil || i.queues.Gone() != nil {
			i.problem.Store(&err)
		}
		return err
	}
	s.Report(i.log, i.stands(), zap.Strings("not_consumed", slices.Sorted(maps.Keys(s.Unfit()))))
	i.standing.Store(&s)
	i.queues.Forget() // one that is gone again is missed again
	i.problem.Store(nil)
	return nil
}

// settle lets the routes run that have become fit.
func (i *installer) settle(ctx context.Context) {
	unfit := i.stands().Unfit()
	if i.applied != i.current || sameKeys(unfit, i.unfit) {
		return
	}
	i.apply(ctx, i.current, unfit)
}

func sameKeys(a, b map[string]provision.Trouble) bool {
	return maps.EqualFunc(a, b, func(provision.Trouble, provision.Trouble) bool { return true })
}

// judge returns what is refused. It is no reason not to be ready, unless no route is left.
func (i *installer) judge(s provision.Standing) error {
	err := s.Err()
	if err != nil && i.fleet.idle() {
		return errors.Join(errors.New("no route can be consumed"), err)
	}
	return admin.Tolerate(err)
}
