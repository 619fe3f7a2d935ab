package provision

import (
	"context"
	"errors"
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
		StatusMaxAge:    s.StatusMaxAge,
		StatusMaxBytes:  s.StatusBytes(),
		Exchange:        c.Exchange,
		Archive:         s.Archive,
		ArchiveMaxAge:   s.ArchiveMaxAge,
		ArchiveMaxBytes: s.ArchiveBytes(),

		NoStreams:          !s.HasStreams(),
		Recovers:           len(c.Accounts) > 0,
		Quarantine:         c.Quarantines(),
		QuarantineMaxAge:   s.QuarantineMaxAge,
		QuarantineMaxBytes: s.QuarantineBytes(),
	}
	for _, name := range slices.Sorted(maps.Keys(c.Routes)) {
		r := c.Routes[name]
		plan.Routes = append(plan.Routes, topology.Route{Name: name, Partitions: r.Partitions()})
	}
	return plan
}

// Access is how to reach a broker for its topology.
type Access struct {
	Broker     amqpx.Config
	Topology   string // the setting PENSTOCK_TOPOLOGY: [settings.Declare] or [settings.Check]
	Management string // URL of the management interface, with the broker's user and password unless it names others; empty: there is none
}

// AccessFor returns the access of the settings, under the process's name.
func AccessFor(s *settings.AMQP, process string) Access {
	return Access{Broker: s.Broker(process), Topology: s.Topology, Management: s.ManagementURL}
}

// Ensure makes what the plan needs in the broker, or only checks whether it is there. It
// returns what the broker refuses. An error means that nothing is known: there is no
// broker, ctx has ended, or the broker is too old. Where it makes things and knows the
// management interface, it bounds the streams by policies.
func Ensure(ctx context.Context, at Access, plan topology.Plan) (Standing, error) {
	if at.Topology == settings.Check {
		return outcome(at, plan, amqpx.Check(ctx, at.Broker, plan.Topology()))
	}
	var failed error
	if at.Management != "" {
		// A broker that starts has its management interface before it takes connections.
		if err := amqpx.Check(ctx, at.Broker, amqpx.Topology{}); err != nil {
			return Standing{}, err
		}
		failed = setPolicies(ctx, at, plan.Retention())
		plan.ByPolicy = failed == nil
	}
	s, err := outcome(at, plan, amqpx.Declare(ctx, at.Broker, plan.Topology()))
	s.Bounds = errors.Join(failed, s.Bounds)
	return s, err
}

// outcome makes of what a declaration returned what it means.
func outcome(at Access, plan topology.Plan, err error) (Standing, error) {
	if refusals := amqpx.Refusals(err); len(refusals) > 0 {
		return standing(at, plan, refusals), nil
	}
	return Standing{}, err
}
