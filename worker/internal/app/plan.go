package app

import (
	"context"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/topology"
)

// broker is how to reach the broker.
func (s *Settings) broker() amqpx.Config {
	return amqpx.Config{
		URLs:     s.AMQPURLs,
		CAFile:   s.AMQPCAFile,
		CertFile: s.AMQPCertFile,
		KeyFile:  s.AMQPKeyFile,
		Name:     "penstock-deliver",
	}
}

// ensure makes, or only checks, what the configuration needs in the broker.
func (s *Settings) ensure(ctx context.Context, c *config.Config) error {
	plan := s.plan(c).Topology()
	if s.Topology == "check" {
		return amqpx.Check(ctx, s.broker(), plan)
	}
	return amqpx.Declare(ctx, s.broker(), plan)
}

// plan is the topology of the whole configuration: a process that consumes some of
// the routes must not disagree with the others about it.
func (s *Settings) plan(c *config.Config) topology.Plan {
	plan := topology.Plan{
		Archive:         s.Archive,
		ArchiveMaxAge:   s.ArchiveMaxAge,
		ArchiveMaxBytes: s.ArchiveBytes(),
	}
	for _, name := range slices.Sorted(maps.Keys(c.Routes)) {
		r := c.Routes[name]
		plan.Routes = append(plan.Routes, topology.Route{Name: name, Bindings: r.Bindings(), Partitions: r.Partitions()})
	}
	return plan
}
