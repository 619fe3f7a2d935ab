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

func newAccounts(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "accounts",
		Aliases: []string{"account"},
		GroupID: groupInstallation,
		Short:   "Check the accounts at providers",
		Long:    "An account is how the tracker finds out which events a provider could not deliver.\n\n" + trackerHelp,
		Example: "  penstock accounts check",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAccountsCheck(s))
	return c
}

// checkedAccount is an account with what its provider says of it.
type checkedAccount struct {
	trackerclient.AccountCheck

	Name string `json:"name"`
}

func newAccountsCheck(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:   "check [ACCOUNT]",
		Short: "Ask the providers what the credentials may do",
		Long: `Check has the tracker ask the provider of each account, or of the one that is named, whether
the credentials may read, whether they may ask for a redelivery, how far back the provider lists
events, and where and what it sends. The exit code is 3 when a provider refuses or does not
answer, when it has disabled the subscription, or when redelivery is configured and not allowed.`,
		Example: trim(`
  penstock accounts check
  penstock accounts check github -o json`),
		Args: cobra.MaximumNArgs(1),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		return t.checkAccounts(ctx, f, strings.Join(args, ""))
	})
	f.register(c)
	return c
}

func (t *tracker) checkAccounts(ctx context.Context, f format, name string) error {
	accounts, err := t.accounts(ctx, name)
	if err != nil {
		return err
	}
	all, bad := make([]checkedAccount, 0, len(accounts)), false
	for i := range accounts {
		a, err := t.api.CheckAccountWithResponse(ctx, accounts[i].Name)
		check, err := value(t, a, err, (*trackerclient.CheckAccountResponse).GetJSON200)
		if err != nil {
			return err
		}
		all = append(all, checkedAccount{*check, accounts[i].Name})
		bad = bad || !check.Reads || !or(check.Active, true) || accounts[i].Redelivers && check.Asks == trackerclient.AsksNo
	}
	if err := f.write(t.Out, all, func() error { return t.printChecks(all) }); err != nil {
		return err
	}
	if bad {
		return silent{Invalid}
	}
	return nil
}

func (t *tracker) printChecks(all []checkedAccount) error {
	for i := range all {
		if err := t.printCheck(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tracker) printCheck(c *checkedAccount) error {
	style := t.style()
	reads := style.Good("yes")
	if !c.Reads {
		reads = style.Bad("no: "+or(c.Trouble, "")) + "; it needs " + c.ReadWith
	}
	asks := string(c.Asks)
	if c.Asks != trackerclient.AsksYes && c.AskWith != nil {
		asks += "; it needs " + *c.AskWith
	}
	lines := [][2]string{{"reads", reads}, {"asks for redelivery", asks}, {"looks back", c.Window + ": " + c.Lists}, {"waits", c.Wait}}
	if c.Url != nil {
		active := map[bool]string{true: "", false: style.Bad(" (disabled)")}[or(c.Active, true)]
		lines = append(lines, [2]string{"sends to", terminal.Line(*c.Url) + active}, [2]string{"types", terminal.Line(strings.Join(or(c.Types, nil), ", "))})
	}
	if len(c.Rights) > 0 {
		lines = append(lines, [2]string{"rights", terminal.Line(strings.Join(c.Rights, ", "))})
	}
	if c.Expires != nil {
		lines = append(lines, [2]string{"credentials end", c.Expires.Format(time.DateOnly)})
	}
	if c.Limit != nil {
		lines = append(lines, [2]string{"requests left", fmt.Sprintf("%s of %s", terminal.Count(or(c.Remaining, 0)), terminal.Count(*c.Limit))})
	}
	if _, err := fmt.Fprintln(t.Out, style.Strong(c.Name)); err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := fmt.Fprintf(t.Out, "  %-20s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	return nil
}
