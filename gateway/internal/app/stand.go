package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
)

// lookTimeout bounds a look at the topology.
const lookTimeout = 10 * time.Second

// doubt looks at once, unless it did so a moment ago: something may be gone.
func (i *installer) doubt(ctx context.Context) {
	if time.Since(i.looked) < provision.BetweenDoubts {
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
	closed := s.Closed(c, i.settings.Archive)
	i.fanout.Configure(i.settings.places(c, s))
	s.Report(i.log, i.gate.stands(), zap.Strings("closed_sources", slices.Sorted(maps.Keys(closed))))
	i.gate.open(s, closed, len(closed) < len(c.Sources))
}
