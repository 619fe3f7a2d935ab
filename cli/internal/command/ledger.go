package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newLedger(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "ledger",
		GroupID: groupEvents,
		Short:   "Check that every accepted event is accounted for",
		Long: `For each source and route, what was accepted has to be what was delivered, filtered,
discarded, cancelled, is dead, or is in flight.

` + trackerHelp,
		Example: trim(`
  penstock ledger show
  penstock ledger missing --route invoices`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newLedgerShow(s), newLedgerMissing(s))
	return c
}

func newLedgerShow(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:   "show",
		Short: "Show the ledger",
		Long: `Show prints the ledger. FLIGHT is what is on its way. What was on its way and not heard
of for too long is MISSING; then the exit code is 3. It is 3 as well when the tracker has not
looked for more than a minute, or status records were lost that were to show what became of
events: then it is not known whether events are missing.`,
		Example: trim(`
  penstock ledger show
  penstock ledger show -o json | jq .unaccounted`),
		Args: cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error {
		a, err := t.api.GetLedgerWithResponse(ctx)
		ledger, err := value(t, a, err, (*trackerclient.GetLedgerResponse).GetJSON200)
		if err != nil {
			return err
		}
		if err := f.write(t.Out, ledger, func() error { return t.printLedger(ledger) }); err != nil {
			return err
		}
		if ledger.Unaccounted > 0 || ledger.Uncertain > 0 || !ledger.Known {
			return silent{Invalid}
		}
		return nil
	})
	f.register(c)
	return c
}

func (t *tracker) printLedger(l *trackerclient.Ledger) error {
	rows := [][]string{{"SOURCE", "ROUTE", "ACCEPTED", "DELIVERED", "FILTERED", "DISCARDED", "CANCELLED", "DEAD", "FLIGHT", "MISSING"}}
	for _, e := range l.Entries {
		row := []string{e.Source, e.Route}
		for _, n := range []int64{e.Accepted, e.Delivered, e.Filtered, e.Discarded, e.Cancelled, e.Dead, e.InFlight, e.Unaccounted} {
			row = append(row, terminal.Count(n))
		}
		rows = append(rows, row)
	}
	style := t.style()
	if err := terminal.Table(t.Out, style, rows, func(column int, text string) string {
		if column == 9 && text != "0" {
			return style.Bad(text)
		}
		return text
	}); err != nil {
		return err
	}
	if accounts := or(l.Accounts, nil); len(accounts) > 0 {
		if _, err := fmt.Fprintln(t.Out); err != nil {
			return err
		}
		if err := t.tableOfAccounts(accounts); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(t.Out, "\n%s\n", t.ledgerVerdict(l))
	return err
}

// ledgerVerdict says whether events are missing, if that is known.
func (t *tracker) ledgerVerdict(l *trackerclient.Ledger) string {
	style := t.style()
	switch {
	case l.Why != nil && *l.Why == trackerclient.NoStreams:
		return style.Bad("not known") + ": without streams (PENSTOCK_STREAMS) the broker may drop status records without a trace."
	case l.AsOf.IsZero():
		return style.Bad("not known yet") + ": the tracker has not looked through the events in flight. Try again in a minute."
	case !l.Known:
		return style.Bad("not known since "+terminal.Ago(l.AsOf, t.Now())) + ": the tracker cannot look. See its log, and penstock doctor."
	case l.Unaccounted > 0:
		return style.Bad(terminal.Count(l.Unaccounted)+" not accounted for") + ": penstock ledger missing"
	case l.Uncertain > 0:
		return style.Bad("not known of "+terminal.Count(l.Uncertain)) + ": they are not in the broker, and a part of the status stream was lost that may show their delivery. Replay them: their receivers know them by their ids."
	default:
		return style.Good("every event is accounted for")
	}
}

// requireKnownLedger returns the verdict on standard error and exit code 3, unless the tracker knows
// whether events are missing.
func (t *tracker) requireKnownLedger(ctx context.Context) error {
	a, err := t.api.GetLedgerWithResponse(ctx)
	ledger, err := value(t, a, err, (*trackerclient.GetLedgerResponse).GetJSON200)
	if err != nil {
		return err
	}
	if !ledger.Known || ledger.Uncertain > 0 {
		tellf(t.Err, "%s", t.ledgerVerdict(ledger))
		return silent{Invalid}
	}
	return nil
}

func newLedgerMissing(s Streams) *cobra.Command {
	var f format
	var source, route string
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:     "missing",
		Short:   "List the events that are not accounted for",
		Long:    "Missing lists what was in flight, and was not heard of for too long.",
		Example: "  penstock ledger missing --route invoices",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error {
		return t.listMissing(ctx, f, source, route, limit)
	})
	f.register(c)
	c.Flags().StringVar(&source, "source", "", "only of this `source`")
	c.Flags().StringVar(&route, "route", "", "only on this `route`")
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of events at most")
	completeFlag(c, "source", names(s, sourceNames))
	completeFlag(c, "route", names(s, routeNames))
	return c
}

func (t *tracker) listMissing(ctx context.Context, f format, source, route string, limit int) error {
	missing, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.Missing, *string, error) {
		a, err := t.api.ListMissingWithResponse(ctx, &trackerclient.ListMissingParams{
			Source: optional(source), Route: optional(route), Cursor: cursor, Limit: &size,
		})
		page, err := value(t, a, err, (*trackerclient.ListMissingResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Missing, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(missing), more)
	unknown := t.requireKnownLedger(ctx)
	if err := f.write(t.Out, missing, func() error {
		if len(missing) == 0 {
			if unknown == nil {
				tellf(t.Err, "every event is accounted for")
			}
			return nil
		}
		rows := [][]string{{"EVENT", "AGE", "ROUTE", "STATE", "HEARD OF", "SOURCE", "TYPE"}}
		for _, m := range missing {
			rows = append(rows, []string{
				m.Event, terminal.Span(t.Now().Sub(m.ReceivedAt)), m.Route, string(m.State), terminal.Ago(m.Since, t.Now()), m.Source, m.Type,
			})
		}
		return terminal.Table(t.Out, t.style(), rows, tintColumn(t.style(), 3))
	}); err != nil {
		return err
	}
	return unknown
}
