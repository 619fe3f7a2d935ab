package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// defaultLimit is how many entries a list shows unless it is told otherwise.
const defaultLimit = 50

func newEventsList(s Streams) *cobra.Command {
	var f format
	var choice filterFlags
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:   "list",
		Short: "List events, the newest first",
		Long: `List shows what was accepted, and what became of it.

` + filterHelp,
		Example: trim(`
  penstock events list --source github --type 'issues.*' --from -1h
  penstock events list --state dead --route invoices --limit 1000
  penstock events list --provider-id evt_1NG8Du2eZvKYlo2C -o json | jq -r '.[].id'`),
		Args: cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listEvents(ctx, f, choice, limit) })
	f.register(c)
	choice.register(c, s)
	choice.registerState(c)
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of events at most")
	return c
}

func (t *tracker) listEvents(ctx context.Context, f format, choice filterFlags, limit int) error {
	wanted, err := choice.filter(t.Now())
	if err != nil {
		return err
	}
	events, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.Event, *string, error) {
		a, err := t.api.ListEventsWithResponse(ctx, &trackerclient.ListEventsParams{
			Source: wanted.Source, Type: wanted.Type, Route: wanted.Route, State: wanted.State, Reason: wanted.Reason,
			HttpStatus: wanted.HttpStatus, Error: wanted.Error,
			ProviderId: wanted.ProviderId, From: wanted.From, To: wanted.To, Cursor: cursor, Limit: &size,
		})
		page, err := value(t, a, err, (*trackerclient.ListEventsResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Events, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(events), more)
	return f.write(t.Out, events, func() error { return t.tableOfEvents(events) })
}

func (t *tracker) tableOfEvents(events []trackerclient.Event) error {
	if len(events) == 0 {
		tellf(t.Err, "no event fits")
		return nil
	}
	rows := [][]string{{"ID", "AGE", "SOURCE", "TYPE", "STATE"}}
	for i := range events {
		e := &events[i]
		rows = append(rows, []string{e.Id, terminal.Span(t.Now().Sub(e.ReceivedAt)), e.Source, e.Type, became(e)})
	}
	return terminal.Table(t.Out, t.style(), rows, tintColumn(t.style(), 4))
}
