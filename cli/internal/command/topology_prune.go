package command

import (
	"cmp"
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

The delay levels of processes before version 1, penstock.delay.00 to .19, and the exchange
penstock.ready go together: when they are empty, and no such process is connected.

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
	if left.none() {
		_, err = fmt.Fprintln(s.Out, "nothing is obsolete")
		return err
	}
	kept, err := i.keepForOld(ctx, s, &left, force)
	if err != nil {
		return err
	}
	levels, err := i.keepLevels(ctx, s, &left)
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
	remained, err := i.removeQueues(ctx, s, left.Queues, yes)
	if err != nil {
		return err
	}
	if err := i.removeExchanges(ctx, s, left.Exchanges, yes); err != nil {
		return err
	}
	if kept || levels || remained {
		return silent{Invalid}
	}
	return nil
}

// keepLevels takes the delay levels of processes before version 1 out of what is to go, all
// of them or none: one leads to another. They are kept while something waits there, or one of
// these processes is connected.
func (i *installation) keepLevels(ctx context.Context, s Streams, left *leftovers) (kept bool, err error) {
	if len(left.Exchanges) == 0 {
		return false, nil
	}
	waiting := 0
	isLevel := func(q rabbit.Queue) bool { return topology.IsBitLevel(q.Name) }
	for _, q := range left.Queues {
		if isLevel(q) {
			waiting += q.Messages
		}
	}
	old, err := i.management.OldDelayers(ctx)
	if err != nil || waiting == 0 && len(old) == 0 {
		return false, err
	}
	tellf(s.Err, "kept: the delay levels of processes before version 1, with %s; connected are: %s. What waits comes to its route by itself.",
		count(waiting, "message"), terminal.Line(cmp.Or(strings.Join(old, ", "), "none")))
	left.Exchanges = nil
	left.Queues = slices.DeleteFunc(left.Queues, isLevel)
	return true, nil
}

func (i *installation) removeExchanges(ctx context.Context, s Streams, exchanges []string, yes bool) error {
	verb := "would remove"
	for _, e := range exchanges {
		if yes {
			verb = "removed"
			if err := amqpx.RemoveExchange(ctx, i.broker, e); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(s.Out, "%s the exchange %s\n", verb, terminal.Line(e)); err != nil {
			return err
		}
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

// removeQueues removes those that are idle, says so of each, and reports whether it kept some.
func (i *installation) removeQueues(ctx context.Context, s Streams, queues []rabbit.Queue, yes bool) (kept bool, err error) {
	for _, q := range queues {
		said, err := i.removeQueue(ctx, q, yes)
		if err != nil {
			return kept, err
		}
		kept = kept || said == keptQueue
		if _, err := fmt.Fprintf(s.Out, "%s %s (%s, %s)\n", said, terminal.Line(q.Name), count(q.Messages, "message"), count(q.Consumers, "consumer")); err != nil {
			return kept, err
		}
	}
	return kept, nil
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
