package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newIncidents(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "incidents",
		Aliases: []string{"incident"},
		GroupID: groupEvents,
		Short:   "Look at what fails, and do something about it",
		Long: `Failures fold into incidents: those of one route or source, with one reason, one HTTP
status and answers of one shape, are one incident. It resolves by itself when deliveries
succeed again, and is reopened when the failure comes back.

` + trackerHelp,
		Example: trim(`
  penstock incidents list
  penstock incidents show 5f0c3b1a2d4e6f70
  penstock incidents replay 5f0c3b1a2d4e6f70`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newIncidentsList(s), newIncidentsShow(s), newIncidentsAck(s), newIncidentsMute(s), newIncidentsResolve(s),
		newIncidentsReplay(s), newIncidentsDiscard(s))
	return c
}

// incidentChoices are what --state takes.
var incidentChoices = []string{"unresolved", "open", "acknowledged", "resolved", "all"}

// incidentFlags choose incidents.
type incidentFlags struct {
	state, kind, route, source string
	limit                      int
}

func newIncidentsList(s Streams) *cobra.Command {
	var f format
	var choice incidentFlags
	c := trackerCommand(s, &cobra.Command{
		Use:   "list",
		Short: "List incidents, the one that failed last first",
		Long: `List shows the incidents that are open or acknowledged; --state shows others. With
--output json it is an array.`,
		Example: trim(`
  penstock incidents list
  penstock incidents list --route invoices --output json
  penstock incidents list --state all`),
		Args: cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listIncidents(ctx, f, choice) })
	f.register(c)
	flags := c.Flags()
	flags.StringVar(&choice.state, "state", "unresolved", "only in this `state`: "+strings.Join(incidentChoices, ", "))
	flags.StringVar(&choice.kind, "kind", "", "only of this `kind`, such as delivery-failing")
	flags.StringVar(&choice.route, "route", "", "only of this `route`")
	flags.StringVar(&choice.source, "source", "", "only of this `source`")
	flags.IntVar(&choice.limit, "limit", defaultLimit, "show this `number` of incidents at most")
	completeFlag(c, "state", cobra.FixedCompletions(incidentChoices, cobra.ShellCompDirectiveNoFileComp))
	completeFlag(c, "source", names(s, sourceNames))
	completeFlag(c, "route", names(s, routeNames))
	return c
}

func (t *tracker) listIncidents(ctx context.Context, f format, choice incidentFlags) error {
	state := trackerclient.IncidentChoice(choice.state)
	if !state.Valid() {
		return usage("--state %s: not one of %s", choice.state, strings.Join(incidentChoices, ", "))
	}
	var kind *trackerclient.IncidentKind
	if choice.kind != "" {
		one := trackerclient.IncidentKind(choice.kind)
		if !one.Valid() {
			return usage("--kind %s: there is no such kind of incident", choice.kind)
		}
		kind = &one
	}
	all, more, err := collect(choice.limit, func(cursor *string, size int) ([]trackerclient.Incident, *string, error) {
		a, err := t.api.ListIncidentsWithResponse(ctx, &trackerclient.ListIncidentsParams{
			State: &state, Kind: kind, Route: optional(choice.route), Source: optional(choice.source), Cursor: cursor, Limit: &size,
		})
		page, err := value(t, a, err, (*trackerclient.ListIncidentsResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Incidents, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(all), more)
	return f.write(t.Out, all, func() error { return t.tableOfIncidents(all) })
}

func (t *tracker) tableOfIncidents(all []trackerclient.Incident) error {
	if len(all) == 0 {
		tellf(t.Err, "there is no incident that fits")
		return nil
	}
	rows := [][]string{{"INCIDENT", "LAST", "STATE", "SEVERITY", "FAILURES", "WAIT", "DEAD", "WHAT"}}
	for i := range all {
		one := &all[i]
		rows = append(rows, []string{
			one.Id, terminal.Span(t.Now().Sub(one.LastAt)), incidentState(one), string(one.Severity), terminal.Count(one.Failures),
			terminal.Count(one.Waiting), terminal.Count(one.Dead), incidentWords(one),
		})
	}
	style := t.style()
	return terminal.Table(t.Out, style, rows, func(column int, text string) string {
		if column == 3 && text == string(trackerclient.SeverityCritical) {
			return style.Bad(text)
		}
		return text
	})
}

func incidentState(i *trackerclient.Incident) string {
	if i.Muted {
		return string(i.State) + ", muted"
	}
	return string(i.State)
}

// incidentWords name an incident, with the shape of its answers or the details of its condition.
func incidentWords(i *trackerclient.Incident) string {
	for _, more := range []string{or(i.Shape, ""), or(i.Detail, "")} {
		if more != "" {
			return i.Title + ": " + more
		}
	}
	return i.Title
}
