package command

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newDestinations(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "destinations",
		Aliases: []string{"destination"},
		GroupID: groupEvents,
		Short:   "Look at the destinations, pause one, or resume it",
		Long:    "A destination is where routes take events.\n\n" + trackerHelp,
		Example: trim(`
  penstock destinations list
  penstock destinations pause billing
  penstock destinations resume billing`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDestinationsList(s), newDestinationsShow(s), newDestinationsPause(s), newDestinationsResume(s))
	return c
}

func newDestinationsList(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:     "list",
		Short:   "List the destinations",
		Long:    "List shows each destination, and how the deliverers see it.",
		Example: "  penstock destinations list",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error {
		a, err := t.api.ListDestinationsWithResponse(ctx)
		list, err := value(t, a, err, (*trackerclient.ListDestinationsResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, list.Destinations, func() error { return t.tableOfDestinations(list.Destinations) })
	})
	f.register(c)
	return c
}

func (t *tracker) tableOfDestinations(all []trackerclient.Destination) error {
	rows := [][]string{{"DESTINATION", "STATE", "SUCCESS", "IN USE", "DELIVERERS", "ROUTES", "URL"}}
	for i := range all {
		d := &all[i]
		used, limit := 0, 0
		for _, one := range d.Deliverers {
			used, limit = used+one.InUse, limit+one.Limit
		}
		rows = append(rows, []string{
			d.Name, destinationState(d), success(d.Health), fmt.Sprintf("%d of %d", used, limit), strconv.Itoa(len(d.Deliverers)),
			strings.Join(d.Routes, ", "), address(d),
		})
	}
	style := t.style()
	return terminal.Table(t.Out, style, rows, func(column int, text string) string {
		if column == 1 && text != "ok" {
			return style.Warn(text)
		}
		return text
	})
}

func destinationState(d *trackerclient.Destination) string {
	switch breaker := or(d.Breaker, trackerclient.Closed); {
	case !d.Configured:
		return "removed"
	case d.Paused:
		return "paused"
	case breaker != trackerclient.Closed:
		return "breaker " + string(breaker)
	case len(d.Deliverers) == 0:
		return "no deliverer"
	default:
		return healthText(d.Health)
	}
}

// address is where a destination is.
func address(d *trackerclient.Destination) string {
	if d.Exchange != nil {
		return "exchange " + *d.Exchange
	}
	return or(d.Url, "-")
}

// destinationCommand makes a command about one destination, which it prints.
func destinationCommand(s Streams, c *cobra.Command, ask func(context.Context, *tracker, string) (*trackerclient.Destination, error)) *cobra.Command {
	var f format
	c.Args = cobra.ExactArgs(1)
	c.ValidArgsFunction = firstName(s, destinationNames)
	made := trackerCommand(s, c, false, func(ctx context.Context, t *tracker, args []string) error {
		d, err := ask(ctx, t, args[0])
		if err != nil {
			return err
		}
		return f.write(t.Out, d, func() error { return t.printDestination(d) })
	})
	f.register(made)
	return made
}

func newDestinationsShow(s Streams) *cobra.Command {
	return destinationCommand(s, &cobra.Command{
		Use:     "show DESTINATION",
		Short:   "Show one destination",
		Long:    "Show prints a destination, and how each deliverer sees it.",
		Example: "  penstock destinations show billing",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Destination, error) {
		a, err := t.api.GetDestinationWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.GetDestinationResponse).GetJSON200)
	})
}

func newDestinationsPause(s Streams) *cobra.Command {
	return destinationCommand(s, &cobra.Command{
		Use:   "pause DESTINATION",
		Short: "Stop delivering to a destination",
		Long: `Pause lets the events of a destination wait in their queues, untried, until it is
resumed. Every deliverer obeys within seconds, and so does one that starts later.`,
		Example: "  penstock destinations pause billing",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Destination, error) {
		a, err := t.api.PauseDestinationWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.PauseDestinationResponse).GetJSON200)
	})
}

func newDestinationsResume(s Streams) *cobra.Command {
	return destinationCommand(s, &cobra.Command{
		Use:     "resume DESTINATION",
		Short:   "Deliver to a paused destination again",
		Long:    "Resume ends a pause, and a rest that the destination asked for with Retry-After:\nwhat waits is delivered.",
		Example: "  penstock destinations resume billing",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Destination, error) {
		a, err := t.api.ResumeDestinationWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.ResumeDestinationResponse).GetJSON200)
	})
}

func (t *tracker) printDestination(d *trackerclient.Destination) error {
	paused := ""
	if d.Paused {
		paused = t.age(d.PausedAt) + " ago by " + or(d.PausedBy, "somebody")
	}
	concurrency := ""
	if d.Concurrency != nil {
		concurrency = fmt.Sprintf("%d at a time", *d.Concurrency)
	}
	if err := fields(t.Out, t.style(), append([][2]string{
		{"Destination", d.Name},
		{"State", destinationState(d)},
		{"Paused", paused},
		{"Address", address(d)},
		{"Routes", strings.Join(d.Routes, "\n")},
		{"Concurrency", concurrency},
		{"Rate limit", or(d.RateLimit, "")},
	}, t.healthFields(d.Health)...)); err != nil || len(d.Deliverers) == 0 {
		return err
	}
	rows := [][]string{{"DELIVERER", "BREAKER", "IN USE", "PAUSED", "RESTS", "SEEN"}}
	for _, one := range d.Deliverers {
		rests := "-"
		if one.RestingUntil != nil {
			rests = terminal.Ago(*one.RestingUntil, t.Now())
		}
		rows = append(rows, []string{
			one.Instance, string(one.Breaker), fmt.Sprintf("%d of %d", one.InUse, one.Limit), yesNo(one.Paused), rests, terminal.Ago(one.SeenAt, t.Now()),
		})
	}
	if _, err := fmt.Fprintln(t.Out); err != nil {
		return err
	}
	return terminal.Table(t.Out, t.style(), rows, nil)
}
