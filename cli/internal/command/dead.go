package command

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newDead(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "dead",
		Aliases: []string{"dead-letters"},
		GroupID: groupEvents,
		Short:   "List what routes gave up on, replay it, or discard it",
		Long: `A dead letter is an event that a route gave up on. It is kept until it is replayed
or discarded.

` + trackerHelp,
		Example: trim(`
  penstock dead list --route invoices
  penstock dead replay --route invoices --status 422 --error 'customer is null'
  penstock dead discard --route invoices --from -30d`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDeadList(s), newDeadReplay(s), newDeadDiscard(s))
	return c
}

func newDeadList(s Streams) *cobra.Command {
	var f format
	var choice filterFlags
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:   "list",
		Short: "List dead letters, the newest first",
		Long: `List shows what routes gave up on, and why.

` + filterHelp,
		Example: trim(`
  penstock dead list
  penstock dead list --route invoices --reason max-attempts -o json`),
		Args: cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listDead(ctx, f, choice, limit) })
	f.register(c)
	choice.register(c, s)
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of dead letters at most")
	return c
}

func (t *tracker) listDead(ctx context.Context, f format, choice filterFlags, limit int) error {
	wanted, err := choice.filter(t.Now())
	if err != nil {
		return err
	}
	letters, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.DeadLetter, *string, error) {
		a, err := t.api.ListDeadLettersWithResponse(ctx, &trackerclient.ListDeadLettersParams{
			Source: wanted.Source, Type: wanted.Type, Route: wanted.Route, Reason: wanted.Reason,
			HttpStatus: wanted.HttpStatus, Error: wanted.Error,
			ProviderId: wanted.ProviderId, From: wanted.From, To: wanted.To, Cursor: cursor, Limit: &size,
		})
		page, err := value(t, a, err, (*trackerclient.ListDeadLettersResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.DeadLetters, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(letters), more)
	return f.write(t.Out, letters, func() error { return t.tableOfDead(letters) })
}

func (t *tracker) tableOfDead(letters []trackerclient.DeadLetter) error {
	if len(letters) == 0 {
		tellf(t.Err, "there is no dead letter that fits")
		return nil
	}
	rows := [][]string{{"EVENT", "SINCE", "ROUTE", "TRIES", "REASON", "TYPE", "ERROR"}}
	for _, d := range letters {
		rows = append(rows, []string{
			d.Event, terminal.Span(t.Now().Sub(d.Since)), d.Route, strconv.Itoa(d.Attempts), why(d.Reason, d.LastReason, d.HttpStatus), d.Type, or(d.Error, ""),
		})
	}
	return terminal.Table(t.Out, t.style(), rows, nil)
}

func newDeadReplay(s Streams) *cobra.Command {
	j := jobFlags{kind: trackerclient.Replay, verb: "replay", dead: true}
	c := trackerCommand(s, &cobra.Command{
		Use:   "replay [ID…]",
		Short: "Deliver dead letters once more",
		Long: `Replay takes dead letters back to their route: those of the events that are named,
or all that the flags choose.

` + filterHelp + `

` + jobHelp,
		Example: trim(`
  penstock dead replay 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock dead replay --route invoices --reason max-attempts
  penstock dead replay --all --rate 20 --yes`),
	}, true, j.run)
	j.register(c, s)
	return c
}

func newDeadDiscard(s Streams) *cobra.Command {
	j := jobFlags{kind: trackerclient.Discard, verb: "discard", dead: true}
	c := trackerCommand(s, &cobra.Command{
		Use:   "discard [ID…]",
		Short: "Give dead letters up for good",
		Long: `Discard removes dead letters: those of the events that are named, or all that the
flags choose. They cannot be brought back as dead letters; as long as the archive
holds the event it can be replayed.

` + filterHelp + `

` + jobHelp,
		Example: trim(`
  penstock dead discard 019a2f6e-8f0c-7d3e-9b5a-0242ac120002 --route invoices
  penstock dead discard --route invoices --to -30d --yes`),
	}, true, j.run)
	j.register(c, s)
	return c
}
