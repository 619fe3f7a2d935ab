package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// gapFlags are what penstock gaps is asked for.
type gapFlags struct {
	format

	recover bool
	limit   int
}

func newGaps(s Streams) *cobra.Command {
	var f gapFlags
	c := trackerCommand(s, &cobra.Command{
		Use:     "gaps [ACCOUNT]",
		GroupID: groupEvents,
		Short:   "Show what providers could not deliver, and recover it",
		Long: `Gaps shows, for each account at a provider, what the provider says it sent, and what became
of it: accepted by itself, redelivered or fetched, lost, still missing, or waiting because it may
still come. With the name of an account it lists the events that are missing, recovered or lost.
The exit code is 3 when events are missing or lost, or when it is not known because the provider
cannot be asked.

With --recover, the tracker recovers once what is missing now. An account with recover: true
does that by itself.`,
		Example: trim(`
  penstock gaps
  penstock gaps github
  penstock gaps github --recover`),
		Args: cobra.MaximumNArgs(1),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		account := ""
		if len(args) > 0 {
			account = args[0]
		}
		return t.gaps(ctx, f, account)
	})
	f.register(c)
	c.Flags().BoolVar(&f.recover, "recover", false, "recover what is missing now")
	c.Flags().IntVar(&f.limit, "limit", defaultLimit, "show this `number` of an account's events at most")
	return c
}

func (t *tracker) gaps(ctx context.Context, f gapFlags, account string) error {
	all, err := t.accounts(ctx, account)
	if err != nil {
		return err
	}
	if f.recover {
		return t.recoverGaps(ctx, all)
	}
	if account != "" {
		return t.listSent(ctx, f, account)
	}
	if err := f.write(t.Out, all, func() error { return t.tableOfAccounts(all) }); err != nil {
		return err
	}
	for i := range all {
		if all[i].Missing+all[i].Lost > 0 || all[i].Trouble != nil {
			return silent{Invalid}
		}
	}
	return nil
}

// accounts returns all accounts, or the one of a name.
func (t *tracker) accounts(ctx context.Context, name string) ([]trackerclient.Account, error) {
	a, err := t.api.ListAccountsWithResponse(ctx)
	list, err := value(t, a, err, (*trackerclient.ListAccountsResponse).GetJSON200)
	if err != nil || name == "" {
		if err == nil && len(list.Accounts) == 0 {
			tellf(t.Err, "there are no accounts: name one under accounts: in the configuration")
		}
		return or(list, trackerclient.AccountList{}).Accounts, err
	}
	for _, one := range list.Accounts {
		if one.Name == name {
			return []trackerclient.Account{one}, nil
		}
	}
	return nil, coded{fmt.Errorf("the tracker has no account %q", name), Refused}
}

func (t *tracker) tableOfAccounts(all []trackerclient.Account) error {
	rows := [][]string{{"ACCOUNT", "SOURCE", "SENT", "ACCEPTED", "REDELIVERED", "FETCHED", "LOST", "MISSING", "WAITING", "AS OF", "TROUBLE"}}
	for i := range all {
		a := &all[i]
		row := []string{a.Name, a.Source}
		for _, n := range []int64{a.Sent, a.Accepted, a.Redelivered, a.Fetched, a.Lost, a.Missing, a.Waiting} {
			row = append(row, terminal.Count(n))
		}
		asOf := "never"
		if a.AsOf != nil {
			asOf = terminal.Ago(*a.AsOf, t.Now())
		}
		rows = append(rows, append(row, asOf, or(a.Trouble, "")))
	}
	style := t.style()
	err := terminal.Table(t.Out, style, rows, func(column int, text string) string {
		switch {
		case column == 6 && text != "0", column == 10:
			return style.Bad(text)
		case column == 7 && text != "0":
			return style.Warn(text)
		default:
			return text
		}
	})
	for i := range all {
		for _, f := range all[i].Findings {
			tellf(t.Err, "%s: %s", all[i].Name, f.Text)
		}
	}
	return err
}

// recoverGaps asks the tracker to recover what the accounts miss.
func (t *tracker) recoverGaps(ctx context.Context, all []trackerclient.Account) error {
	for i := range all {
		a, err := t.api.RecoverAccountWithResponse(ctx, all[i].Name)
		account, err := value(t, a, err, (*trackerclient.RecoverAccountResponse).GetJSON202)
		if err != nil {
			return err
		}
		tellf(t.Err, "%s: recovering %s; see penstock gaps", account.Name, terminal.Count(account.Missing))
	}
	return nil
}

// unsettled are the states that penstock gaps shows.
const unsettled = "waiting,missing,asked,publishing,published,redelivered,fetched,lost"

func (t *tracker) listSent(ctx context.Context, f gapFlags, account string) error {
	states := unsettled
	a, err := t.api.ListSentWithResponse(ctx, account, &trackerclient.ListSentParams{State: &states, Limit: &f.limit})
	list, err := value(t, a, err, (*trackerclient.ListSentResponse).GetJSON200)
	if err != nil {
		return err
	}
	return f.write(t.Out, list.Events, func() error {
		rows := [][]string{{"SENT", "STATE", "TYPE", "PROVIDER'S ID", "EVENT", "TRIES", "WHY"}}
		for i := range list.Events {
			e := &list.Events[i]
			rows = append(rows, []string{
				terminal.Ago(e.At, t.Now()), e.State, e.Type, e.Event, or(e.Id, ""), terminal.Count(int64(e.Tries)), or(e.Reason, ""),
			})
		}
		return terminal.Table(t.Out, t.style(), rows, tintColumn(t.style(), 1))
	})
}
