package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/quarantine"
)

// shownEntry is what is printed of an entry.
type shownEntry struct {
	ID         string    `json:"id"`
	ReceivedAt time.Time `json:"receivedAt"`
	Source     string    `json:"source"`
	From       string    `json:"from"` // the sender's address
	Reason     string    `json:"reason"`
	Bytes      int       `json:"bytes"`
	Verdict    string    `json:"verdict,omitempty"`
}

func shown(e *quarantine.Entry, verdict string) shownEntry {
	return shownEntry{
		ID:         e.ID,
		ReceivedAt: e.Event.ReceivedAt,
		Source:     e.Event.Source,
		From:       e.Event.Request.RemoteAddr,
		Reason:     e.Reason,
		Bytes:      len(e.Event.Body),
		Verdict:    verdict,
	}
}

func newQuarantineList(s Streams) *cobra.Command {
	var f format
	c := wardCommand(s, &cobra.Command{
		Use:   "list [FILE]",
		Short: "List the requests that failed verification",
		Long:  "List shows what is in the quarantine, the oldest first, without headers and bodies.\n\n" + quarantineHelp,
		Example: trim(`
  penstock quarantine list --source github
  penstock quarantine list --output json`),
	}, false, func(ctx context.Context, w *ward) error { return listQuarantine(ctx, s, f, w) })
	f.register(c)
	return c
}

func listQuarantine(ctx context.Context, s Streams, f format, w *ward) error {
	released, err := w.released(ctx)
	if err != nil {
		return err
	}
	var entries []shownEntry
	err = w.walk(ctx, func(e *quarantine.Entry) error {
		verdict := ""
		if released[e.ID] {
			verdict = quarantine.ReleasedBefore
		}
		entries = append(entries, shown(e, verdict))
		return nil
	})
	if err != nil {
		return err
	}
	return writeEntries(s, f, entries)
}

func writeEntries(s Streams, f format, entries []shownEntry) error {
	if entries == nil {
		entries = []shownEntry{}
	}
	return f.write(s.Out, entries, func() error {
		rows := [][]string{{"RECEIVED", "ID", "SOURCE", "FROM", "REASON", "SIZE", "VERDICT"}}
		for _, e := range entries {
			rows = append(rows, []string{
				e.ReceivedAt.Format(time.RFC3339), terminal.Line(e.ID), terminal.Line(e.Source), terminal.Line(e.From),
				terminal.Line(e.Reason), terminal.Size(e.Bytes), terminal.Line(e.Verdict),
			})
		}
		return terminal.Table(s.Out, s.style(), rows, nil)
	})
}
