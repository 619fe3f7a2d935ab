package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/pkg/settings"
)

func newTopologyDeclare(s Streams) *cobra.Command {
	return topologyCommand(s, &cobra.Command{
		Use:   "declare [FILE]",
		Short: "Make what the configuration needs in the broker",
		Long: `Declare makes the exchanges, queues and bindings that are missing, and proves that
those which are there have the right arguments. It removes nothing, and changes
nothing when it runs again.

The processes do this themselves when they start. With PENSTOCK_TOPOLOGY=check they
only look; then their broker users need no right to configure, and this command,
run with a user that has it, comes before them.

With the management interface the ages and sizes of streams are policies, which a later
run can change. Without it they are arguments of the streams, and stay as they are.

` + topologyHelp,
		Example: trim(`
  PENSTOCK_AMQP_URLS=amqp://topology:…@broker:5672/ penstock topology declare penstock.yaml`),
	}, func(ctx context.Context, i *installation) error {
		t := i.plan.Topology()
		refused, err := i.ensure(ctx, s, settings.Declare)
		if err := errors.Join(err, refused); err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.Out, "%s: %s, %s, %s\n", s.style().Good("declared"),
			count(len(t.Exchanges), "exchange"), count(len(t.Queues), "queue"), count(len(t.Bindings), "binding"))
		return err
	})
}
