package command

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newNotify(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "notify",
		GroupID: groupInstallation,
		Short:   "Try a channel of notifications, and see what was sent",
		Long: `The tracker notifies of incidents over the channels of the configuration file, under
notifications.

` + trackerHelp,
		Example: trim(`
  penstock notify test oncall
  penstock notify list`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newNotifyTest(s), newNotifyList(s))
	return c
}

func newNotifyTest(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:   "test CHANNEL",
		Short: "Send a test message to a channel",
		Long: `Test has the tracker send a test message to a channel at once. The exit code is 4 when
the channel does not take it.`,
		Example: "  penstock notify test oncall",
		Args:    cobra.ExactArgs(1),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		a, err := t.api.TestChannelWithResponse(ctx, args[0])
		done, err := value(t, a, err, (*trackerclient.TestChannelResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, done, func() error {
			tellf(t.Out, "%s (%s) took the test message", terminal.Line(done.Channel), terminal.Line(done.Kind))
			return nil
		})
	})
	f.register(c)
	return c
}

func newNotifyList(s Streams) *cobra.Command {
	var f format
	var channel string
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:     "list",
		Short:   "List notifications, the newest first",
		Long:    "List shows what was sent to the channels, what waits to be sent, and why an attempt failed.",
		Example: "  penstock notify list --channel oncall",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listNotices(ctx, f, channel, limit) })
	f.register(c)
	c.Flags().StringVar(&channel, "channel", "", "only of this `channel`")
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of notifications at most")
	return c
}

func (t *tracker) listNotices(ctx context.Context, f format, channel string, limit int) error {
	all, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.Notice, *string, error) {
		a, err := t.api.ListNoticesWithResponse(ctx, &trackerclient.ListNoticesParams{Channel: optional(channel), Cursor: cursor, Limit: &size})
		page, err := value(t, a, err, (*trackerclient.ListNoticesResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Notices, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(all), more)
	return f.write(t.Out, all, func() error {
		rows := [][]string{{"NOTICE", "AGE", "CHANNEL", "STATE", "CHANGES", "ATTEMPTS", "PROBLEM"}}
		for i := range all {
			n := &all[i]
			rows = append(rows, []string{
				strconv.FormatInt(n.Id, 10), terminal.Span(t.Now().Sub(n.MadeAt)), n.Channel, string(n.State), strconv.Itoa(n.Changes),
				strconv.Itoa(n.Attempts), or(n.Problem, ""),
			})
		}
		return terminal.Table(t.Out, t.style(), rows, tintColumn(t.style(), 3))
	})
}
