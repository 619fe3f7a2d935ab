package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newAudit(s Streams) *cobra.Command {
	var f format
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:     "audit",
		GroupID: groupEvents,
		Short:   "Show who changed what",
		Long:    "Audit lists the replays, discards, cancellations and pauses, the newest first.",
		Example: "  penstock audit --limit 10",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listAudit(ctx, f, limit) })
	f.register(c)
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of entries at most")
	return c
}

func (t *tracker) listAudit(ctx context.Context, f format, limit int) error {
	entries, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.AuditEntry, *string, error) {
		a, err := t.api.ListAuditWithResponse(ctx, &trackerclient.ListAuditParams{Cursor: cursor, Limit: &size})
		page, err := value(t, a, err, (*trackerclient.ListAuditResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Entries, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(entries), more)
	return f.write(t.Out, entries, func() error {
		rows := [][]string{{"TIME", "BY", "ACTION", "COUNT", "TARGET", "DETAIL"}}
		for _, e := range entries {
			rows = append(rows, []string{
				local(e.At, time.DateTime), e.By, e.Action, terminal.Count(e.Count), e.Target, or(e.Detail, ""),
			})
		}
		return terminal.Table(t.Out, t.style(), rows, nil)
	})
}
