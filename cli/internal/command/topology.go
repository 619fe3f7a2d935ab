package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/topology"
)

// brokerPatience bounds everything that one command asks of the broker.
const brokerPatience = 30 * time.Second

const topologyHelp = `The configuration file is $PENSTOCK_CONFIG, or ` + defaultConfig + `, unless
one is named; the broker and the archive come from PENSTOCK_AMQP_URLS and the
other variables of the processes. What is obsolete only RabbitMQ's management
interface can tell: --management, or PENSTOCK_MANAGEMENT_URL.`

func newTopology(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "topology",
		GroupID: groupInstallation,
		Short:   "Look at the queues in RabbitMQ, and remove what no route needs any more",
		Long:    "Topology compares the broker with what the configuration needs.\n\n" + topologyHelp,
		Example: trim(`
  penstock topology show penstock.yaml
  penstock topology check penstock.yaml
  penstock topology declare penstock.yaml
  penstock topology prune penstock.yaml --yes`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newTopologyShow(s), newTopologyCheck(s), newTopologyDeclare(s), newTopologyPrune(s))
	return c
}

// topologyCommand makes one of the commands, which all start alike.
func topologyCommand(s Streams, c *cobra.Command, run func(context.Context, *installation) error) *cobra.Command {
	var management string
	c.Args = cobra.MaximumNArgs(1)
	c.Flags().StringVar(&management, "management", "", "`URL` of the management interface, http://host:15672, with the broker's user and password unless it names others")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, cancel := context.WithTimeout(c.Context(), brokerPatience)
		defer cancel()
		i, err := newInstallation(ctx, s, args, management)
		if err == nil {
			err = run(ctx, i)
		}
		return failed(err)
	}
	return c
}

// installation is a configuration and the broker that it is for.
type installation struct {
	plan       topology.Plan
	broker     amqpx.Config
	management *rabbit.Management // nil: not known
	address    string             // of the management interface; empty: not known
}

func newInstallation(ctx context.Context, s Streams, args []string, management string) (*installation, error) {
	c, err := config.Load(configPath(s, args), s.Env, noPart)
	if err != nil {
		return nil, err
	}
	process, err := brokerSettings()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	i := &installation{plan: provision.Plan(&process, c), broker: process.Broker(brokerName)}
	if i.address = cmp.Or(management, process.ManagementURL); i.address != "" {
		i.management, err = rabbit.New(ctx, i.address, i.broker)
	}
	return i, err
}

// ensure has the plan declared or checked, and says which streams keep more or less than they
// are set to. What the broker refuses is an error.
func (i *installation) ensure(ctx context.Context, s Streams, how string) (refused, err error) {
	standing, err := provision.Ensure(ctx, provision.Access{Broker: i.broker, Topology: how, Management: i.address}, i.plan)
	if standing.Bounds != nil {
		tellf(s.Err, "%s", terminal.Safe(standing.Bounds.Error()))
	}
	return standing.Err(), err
}

// known fails where a command cannot do without the management interface.
func (i *installation) known() error {
	if i.management == nil {
		return usage("--management or PENSTOCK_MANAGEMENT_URL is needed: AMQP cannot list queues")
	}
	return nil
}

// leftovers is what the broker has and no route needs.
type leftovers struct {
	Queues    []rabbit.Queue
	Bindings  []amqpx.Binding
	Exchanges []string
}

func (l *leftovers) none() bool { return len(l.Queues)+len(l.Bindings)+len(l.Exchanges) == 0 }

// look returns the queues that there are, and what is obsolete.
func (i *installation) look(ctx context.Context) (queues []rabbit.Queue, left leftovers, err error) {
	if queues, err = i.management.Queues(ctx, "penstock."); err != nil {
		return nil, left, err
	}
	for _, exchange := range []string{topology.Routes, topology.Events} {
		bindings, err := i.management.Bindings(ctx, exchange)
		if err != nil {
			return nil, left, err
		}
		left.Bindings = append(left.Bindings, i.plan.ObsoleteBindings(bindings)...)
	}
	exchanges, err := i.management.Exchanges(ctx, "penstock.")
	if err != nil {
		return nil, left, err
	}
	left.Exchanges = topology.ObsoleteExchanges(exchanges)
	for _, q := range queues {
		if len(i.plan.ObsoleteQueues([]string{q.Name})) > 0 {
			left.Queues = append(left.Queues, q)
		}
	}
	return queues, left, nil
}
