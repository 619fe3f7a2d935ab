package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newRoutes(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "routes",
		Aliases: []string{"route"},
		GroupID: groupEvents,
		Short:   "Look at the routes, pause one, or try its rules on real events",
		Long:    "A route takes events of some sources and types to a destination.\n\n" + trackerHelp,
		Example: trim(`
  penstock routes list
  penstock routes show invoices
  penstock routes pause invoices
  penstock route test invoices --config new.yaml --last 100`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newRoutesList(s), newRoutesShow(s), newRoutesPause(s), newRoutesResume(s), newRouteTest(s))
	return c
}

func newRoutesList(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:   "list",
		Short: "List the routes",
		Long: `List shows each route. WAITING is what its queue holds, RETRYING what waits for
another attempt, DEAD what it gave up on; SUCCESS is the share of attempts that delivered in
the last quarter of an hour; RATE is how many it delivered in a minute,
over the last five; OLDEST is the age of the oldest event that is not delivered.`,
		Example: "  penstock routes list",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error {
		a, err := t.api.ListRoutesWithResponse(ctx)
		list, err := value(t, a, err, (*trackerclient.ListRoutesResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, list.Routes, func() error { return t.tableOfRoutes(list.Routes) })
	})
	f.register(c)
	return c
}

func (t *tracker) tableOfRoutes(routes []trackerclient.Route) error {
	rows := [][]string{{"ROUTE", "STATE", "WAITING", "RETRYING", "DEAD", "SUCCESS", "RATE", "OLDEST", "DESTINATION"}}
	for i := range routes {
		r := &routes[i]
		waiting := terminal.Count(r.Counts.Pending)
		if r.Backlog != nil {
			waiting = terminal.Count(r.Backlog.Ready)
		}
		rows = append(rows, []string{
			r.Name, routeState(r), waiting, terminal.Count(r.Counts.Retrying), terminal.Count(r.Counts.Dead),
			success(r.Health), rate(r.Rates.Delivered), t.age(r.OldestWaitingAt), or(r.Destination, "-"),
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

// routeState says what stands in a route's way, if anything does.
func routeState(r *trackerclient.Route) string {
	switch breaker := or(r.Breaker, trackerclient.Closed); {
	case !r.Configured:
		return "removed"
	case r.Pause == nil && or(r.Paused, false):
		return "paused with its destination"
	case or(r.Paused, false):
		return "paused"
	case breaker != trackerclient.Closed:
		return "breaker " + string(breaker)
	case r.Backlog != nil && r.Backlog.Consumers == 0:
		return "no deliverer"
	default:
		return healthText(r.Health)
	}
}

func rate[F float32 | float64](perMinute F) string {
	if perMinute > 0 && perMinute < 10 {
		return fmt.Sprintf("%.1f/min", perMinute)
	}
	return terminal.Count(int64(perMinute)) + "/min"
}

// age is how long ago something was, or "-".
func (t *tracker) age(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return terminal.Span(t.Now().Sub(*at))
}

// routeCommand makes a command about one route, which it prints.
func routeCommand(s Streams, c *cobra.Command, ask func(context.Context, *tracker, string) (*trackerclient.Route, error)) *cobra.Command {
	var f format
	c.Args = cobra.ExactArgs(1)
	c.ValidArgsFunction = firstName(s, routeNames)
	made := trackerCommand(s, c, false, func(ctx context.Context, t *tracker, args []string) error {
		route, err := ask(ctx, t, args[0])
		if err != nil {
			return err
		}
		return f.write(t.Out, route, func() error { return t.printRoute(route) })
	})
	f.register(made)
	return made
}

func newRoutesShow(s Streams) *cobra.Command {
	return routeCommand(s, &cobra.Command{
		Use:     "show ROUTE",
		Short:   "Show one route",
		Long:    "Show prints all that the tracker knows of a route.",
		Example: "  penstock routes show invoices",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Route, error) {
		a, err := t.api.GetRouteWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.GetRouteResponse).GetJSON200)
	})
}

func (t *tracker) printRoute(r *trackerclient.Route) error {
	backlog := "not known: the broker does not answer the tracker"
	if b := r.Backlog; b != nil {
		backlog = fmt.Sprintf("%s waiting, %s dead, %s", terminal.Count(b.Ready), terminal.Count(b.Dead), count(b.Consumers, "consumer"))
	}
	paused := ""
	if r.Pause != nil {
		paused = t.age(&r.Pause.At) + " ago by " + or(r.Pause.By, "an operator")
	}
	return fields(t.Out, t.style(), append([][2]string{
		{"Route", r.Name},
		{"State", routeState(r)},
		{"Paused", paused},
		{"Destination", or(r.Destination, "")},
		{"Takes", strings.Join(or(r.Bindings, nil), "\n")},
		{"In the broker", backlog},
		{"Oldest", t.age(r.OldestWaitingAt)},
		{"Delivered", terminal.Count(r.Counts.Delivered) + ", " + rate(r.Rates.Delivered)},
		{"Retrying", terminal.Count(r.Counts.Retrying) + ", " + rate(r.Rates.Retrying)},
		{"Dead", terminal.Count(r.Counts.Dead) + ", " + rate(r.Rates.Dead)},
		{"Filtered", terminal.Count(r.Counts.Filtered) + ", " + rate(r.Rates.Filtered)},
		{"Discarded", terminal.Count(r.Counts.Discarded)},
		{"Cancelled", terminal.Count(r.Counts.Cancelled)},
		{"Pending", terminal.Count(r.Counts.Pending)},
	}, t.healthFields(r.Health)...))
}
