package app

import (
	"context"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/topology"
)

// brokerName is what the broker shows the connections as.
const brokerName = "penstock-gateway"

// broker is how to reach the broker.
func (s *Settings) broker() amqpx.Config { return s.Broker(brokerName) }

// plan is what the configuration needs in the broker.
func (s *Settings) plan(c *config.Config) topology.Plan { return provision.Plan(&s.AMQP, c) }

// ensure makes, or only checks, what the configuration needs in the broker.
func (s *Settings) ensure(ctx context.Context, c *config.Config) (provision.Standing, error) {
	return provision.Ensure(ctx, provision.AccessFor(&s.AMQP, brokerName), s.plan(c))
}
