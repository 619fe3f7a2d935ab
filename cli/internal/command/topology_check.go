package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/settings"
)

func newTopologyCheck(s Streams) *cobra.Command {
	return topologyCommand(s, &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check that the broker has what the configuration needs",
		Long: `Check looks whether every exchange and every queue is there with the right arguments,
and makes nothing. With the management interface it also looks for bindings that
gateways of this version do not use: of routes that are gone, and those by which
gateways before version 1 reach the routes. The exit code is 3
when something is missing, different or obsolete.

` + topologyHelp,
		Example: trim(`
  penstock topology check penstock.yaml`),
	}, func(ctx context.Context, i *installation) error { return checkTopology(ctx, s, i) })
}

func checkTopology(ctx context.Context, s Streams, i *installation) error {
	refused, err := i.ensure(ctx, s, settings.Check)
	if err != nil {
		return err
	}
	bad := refused != nil
	if bad {
		for line := range strings.Lines(refused.Error()) {
			_, _ = fmt.Fprintln(s.Out, terminal.Safe(strings.TrimSuffix(line, "\n")))
		}
	}
	if i.management != nil {
		_, left, err := i.look(ctx)
		if err != nil {
			return err
		}
		tellBindings(s, left.Bindings)
		for _, q := range left.Queues {
			tellf(s.Err, "obsolete: %s, %s", terminal.Line(q.Name), count(q.Messages, "message"))
		}
		bad = bad || len(left.Bindings) > 0
	}
	if bad {
		return silent{Invalid}
	}
	_, err = fmt.Fprintln(s.Out, s.style().Good("the broker has what the configuration needs"))
	return err
}
