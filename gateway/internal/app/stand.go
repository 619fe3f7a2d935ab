package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
)

// lookTimeout bounds a look at the topology.
const lookTimeout = 10 * time.Second

// restore looks whether what is in force still stands in the broker, and installs
// it again when it does not, keeping events back until it does.
func (i *installer) restore(ctx context.Context) {
	if i.current == nil || time.Since(i.looked) < provision.BetweenDoubts {
		return
	}
	i.looked = time.Now()
	s, err := i.settings.check(ctx, i.current)
	if err == nil && !s.Worse(i.gate.stands()) {
		return
	}
	i.gate.shut(errors.Join(err, s.Err()))
	i.install(ctx, i.current)
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
	s.Report(i.log, i.gate.stands(), zap.Strings("closed_sources", slices.Sorted(maps.Keys(closed))))
	i.gate.open(s, closed, len(closed) < len(c.Sources))
}
