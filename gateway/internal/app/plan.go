package app

import (
	"context"
	"fmt"
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
		Name:     "penstock-gateway",
	}
}

// ensure makes, or only checks, what the configuration needs in the broker.
func (s *Settings) ensure(ctx context.Context, c *config.Config) error {
	if s.Topology == "check" {
		return s.check(ctx, c)
	}
	if err := amqpx.Declare(ctx, s.broker(), s.plan(c).Topology()); err != nil {
		return fmt.Errorf("declare the topology: %w", err)
	}
	return nil
}

// check looks whether what the configuration needs is in the broker.
func (s *Settings) check(ctx context.Context, c *config.Config) error {
	if err := amqpx.Check(ctx, s.broker(), s.plan(c).Topology()); err != nil {
		return fmt.Errorf("check the topology: %w", err)
	}
	return nil
}

// plan is the topology of the configuration.
func (s *Settings) plan(c *config.Config) topology.Plan {
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
