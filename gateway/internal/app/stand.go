package app

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
)

// How often to look at the topology: bindings vanish without a word, and what is refused may
// be mended. Looking alone disturbs no broker, so a process that only checks does it often.
const (
	lookEvery   = time.Minute
	lookAgain   = 30 * time.Second
	checkAgain  = 5 * time.Second
	lookTimeout = 10 * time.Second
)

// untilLook is how long until the next look. Processes spread over time.
func (i *installer) untilLook() time.Duration {
	wait := lookEvery
	switch {
	case i.gate.refused() == nil:
	case i.settings.Topology == settings.Check:
		wait = checkAgain
	default:
		wait = lookAgain
	}
	return wait - rand.N(wait/5) //nolint:gosec // only to spread processes over time
}

// doubt looks at once, unless it did so a moment ago: something may be gone.
func (i *installer) doubt(ctx context.Context) {
	if time.Since(i.looked) < betweenDoubts {
		return
	}
	i.looked = time.Now()
	i.look(ctx)
}

// look makes again what is in force: a queue that was deleted and made by somebody else has
// lost its bindings, and nothing shows it. What is there stays as it is.
func (i *installer) look(ctx context.Context) {
	if i.current == nil || i.gate.topology() != nil {
		return
	}
	try, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	s, err := i.settings.ensure(try, i.current)
	switch refused := i.gate.refused() != nil; {
	case err != nil: // no broker: publishing notices it
	case s.Down != nil:
		i.gate.shut(s.Down)
		i.install(ctx, i.current)
	default:
		i.stand(s, i.current)
		if refused && s.Err() == nil {
			i.reloads.Accepted(i.current.Read)
		}
	}
}

// stand lets events in as far as the topology allows, and logs what is new.
func (i *installer) stand(s provision.Standing, c *config.Config) {
	before, after := i.gate.refused(), s.Err()
	if bounds := i.gate.stands().Bounds; s.Bounds != nil && (bounds == nil || bounds.Error() != s.Bounds.Error()) {
		i.log.Warn("streams keep more or less than they are set to", zap.Error(s.Bounds))
	}
	closed := s.Closed(c, i.settings.Archive)
	i.fanout.Configure(i.settings.places(c, s))
	i.gate.open(s, closed, len(closed) < len(c.Sources))
	switch {
	case after == nil && before != nil:
		i.log.Info("the broker refuses nothing of the topology any more")
	case after != nil && (before == nil || before.Error() != after.Error()):
		i.log.Error("the broker refuses a part of the topology; the rest works", zap.Error(after),
			zap.Strings("routes", slices.Sorted(maps.Keys(s.ByRoute()))), zap.Strings("closed_sources", slices.Sorted(maps.Keys(closed))))
	}
}
