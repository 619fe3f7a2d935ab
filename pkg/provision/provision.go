package provision

import (
	"context"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// Plan is the topology of the whole configuration: a process that has to do with some of
// the routes must not disagree with the others about it.
func Plan(s *settings.AMQP, c *config.Config) topology.Plan {
	plan := topology.Plan{
		Archive:         s.Archive,
		ArchiveMaxAge:   s.ArchiveMaxAge,
		ArchiveMaxBytes: s.ArchiveBytes(),

		Quarantine:         c.Quarantines(),
		QuarantineMaxAge:   s.QuarantineMaxAge,
		QuarantineMaxBytes: s.QuarantineBytes(),
	}
	for _, name := range slices.Sorted(maps.Keys(c.Routes)) {
		r := c.Routes[name]
		plan.Routes = append(plan.Routes, topology.Route{Name: name, Bindings: r.Bindings(), Partitions: r.Partitions()})
	}
	return plan
}

// Ensure makes what the plan needs in the broker, or only checks whether it is there: how
// is the setting PENSTOCK_TOPOLOGY, which is [settings.Declare] or [settings.Check]. It
// returns what the broker refuses. An error means that nothing is known: there is no
// broker, ctx has ended, or the broker is too old.
func Ensure(ctx context.Context, broker amqpx.Config, how string, plan topology.Plan) (Standing, error) {
	look := amqpx.Declare
	if how == settings.Check {
		look = amqpx.Check
	}
	err := look(ctx, broker, plan.Topology())
	if refusals := amqpx.Refusals(err); len(refusals) > 0 {
		return standing(refusals), nil
	}
	return Standing{}, err
}
