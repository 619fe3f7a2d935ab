package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// Installation is where everything is. What is not known is skipped.
type Installation struct {
	ConfigFile string // of the configuration
	Env        func(string) (string, bool)

	Broker      amqpx.Config
	BrokerError error              // why the settings of the broker are not valid; nil: they are
	Plan        topology.Plan      // of the topology
	Writes      []amqpx.Right      // what deliverers need besides: the exchanges of destinations
	Roles       []string           // that the broker user has to be able to play; none: any of them
	Management  *rabbit.Management // nil: not known

	StoreURL string // empty: not known
	Gateway  string // its URL; empty: not known

	Tracker      trackerclient.ClientWithResponsesInterface
	TrackerURL   string
	TrackerNamed bool // somebody said where it is: then it has to be there

	Certificates []string // files with certificates of the processes
	Now          func() time.Time

	looked sync.Once
	nodes  []amqpx.Node
}

// reached returns what the broker's nodes say, and whether one of them can be used. It
// asks them once.
func (i *Installation) reached(ctx context.Context) ([]amqpx.Node, bool) {
	i.looked.Do(func() { i.nodes = amqpx.Look(ctx, i.Broker) })
	return i.nodes, slices.ContainsFunc(i.nodes, func(n amqpx.Node) bool { return n.Err == nil })
}

// Checks are all of them, in the order in which people read them.
func (i *Installation) Checks() []Check {
	return []Check{
		{"configuration", i.configuration},
		{"broker", i.broker},
		{"permissions", i.permissions},
		{"topology", i.topology},
		{"management", i.management},
		{"store", i.store},
		{"tracker", i.tracker},
		{"delivery", i.delivery},
		{"gateway", i.gateway},
		{"certificates", i.certificates},
	}
}
