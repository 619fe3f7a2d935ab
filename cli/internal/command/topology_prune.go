package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

func newTopologyPrune(s Streams) *cobra.Command {
	var yes, force bool
	c := topologyCommand(s, &cobra.Command{
		Use:   "prune [FILE]",
		Short: "Remove the queues and bindings of routes that are gone",
		Long: `Prune says what no route needs any more, and with --yes removes it: first the bindings,
then the queues that are empty and not consumed. A queue that holds events is kept,
whatever you say: deliver or discard them first. Partitions of an ordered route hold a
message of their own for two minutes after the route has gone. Retries of a route that
is gone end up in penstock.orphan, and nothing there is ever removed.

Bindings of the exchange penstock.events lead gateways before version 1 to the routes.
While one of these is connected, the bindings stay, and so do the queues behind them,
unless you say --force: what such a gateway publishes after that reaches no route.

Let the processes run with the new configuration before: one that has the old one
would declare again what was removed. The exit code is 3 when something was kept.

` + topologyHelp,
		Example: trim(`
  penstock topology prune penstock.yaml        what would be removed?
  penstock topology prune penstock.yaml --yes`),
	}, func(ctx context.Context, i *installation) error { return prune(ctx, s, i, yes, force) })
	c.Flags().BoolVar(&yes, "yes", false, "remove it")
	c.Flags().BoolVar(&force, "force", false, "unbind although a gateway before version 1 is connected")
	return c
}

func prune(ctx context.Context, s Streams, i *installation, yes, force bool) error {
	if err := i.known(); err != nil {
		return err
	}
	_, left, err := i.look(ctx)
	if err != nil {
		return err
	}
	if len(left.Bindings)+len(left.Queues) == 0 {
		_, err = fmt.Fprintln(s.Out, "nothing is obsolete")
		return err
	}
	kept, err := i.keepForOld(ctx, s, &left, force)
	if err != nil {
		return err
	}
	verb := "would unbind"
	if yes {
		verb = "unbound"
		if err := amqpx.Unbind(ctx, i.broker, left.Bindings); err != nil {
			return err
		}
	}
	for _, b := range left.Bindings {
		if _, err := fmt.Fprintf(s.Out, "%s %s from %s\n", verb, terminal.Line(b.Key), terminal.Line(b.Queue)); err != nil {
			return err
		}
	}
	if err := i.removeQueues(ctx, s, left.Queues, yes); err != nil {
		return err
	}
	if kept {
		return silent{Invalid}
	}
	return nil
}

// keepForOld takes the bindings of penstock.events and the queues behind them out of what is
// to go, while a gateway is connected that reaches routes through them.
func (i *installation) keepForOld(ctx context.Context, s Streams, left *leftovers, force bool) (kept bool, err error) {
	isOld := func(b amqpx.Binding) bool { return b.Source == topology.Events }
	if force || !slices.ContainsFunc(left.Bindings, isOld) {
		return false, nil
	}
	old, err := i.management.OldGateways(ctx)
	if err != nil || len(old) == 0 {
		return false, err
	}
	tellf(s.Err, "kept: the bindings of %s, because gateways before version 1 publish there: %s. Upgrade them, or say --force.",
		topology.Events, terminal.Line(strings.Join(old, ", ")))
	bound := map[string]bool{}
	for _, b := range left.Bindings {
		bound[b.Queue] = bound[b.Queue] || isOld(b)
	}
	left.Bindings = slices.DeleteFunc(left.Bindings, isOld)
	left.Queues = slices.DeleteFunc(left.Queues, func(q rabbit.Queue) bool { return bound[q.Name] })
	return true, nil
}

// removeQueues removes those that are idle, and tells of each.
func (i *installation) removeQueues(ctx context.Context, s Streams, queues []rabbit.Queue, yes bool) error {
	kept := false
	for _, q := range queues {
		said, err := i.removeQueue(ctx, q, yes)
		if err != nil {
			return err
		}
		kept = kept || said == keptQueue
		if _, err := fmt.Fprintf(s.Out, "%s %s (%s, %s)\n", said, terminal.Line(q.Name), count(q.Messages, "message"), count(q.Consumers, "consumer")); err != nil {
			return err
		}
	}
	if kept {
		return silent{Invalid}
	}
	return nil
}

const keptQueue = "kept"

// removeQueue says what it did, or would do. The broker's own count decides; that of
// the management interface also knows the unacknowledged messages, and comes late.
func (i *installation) removeQueue(ctx context.Context, q rabbit.Queue, yes bool) (said string, err error) {
	switch {
	case q.Messages > 0 || q.Consumers > 0:
		return keptQueue, nil
	case !yes:
		return "would remove", nil
	}
	err = amqpx.Remove(ctx, i.broker, q.Name)
	if errors.Is(err, amqpx.ErrInUse) {
		return keptQueue, nil
	}
	return "removed", err
}
