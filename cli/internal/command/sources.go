package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newSources(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "sources",
		Aliases: []string{"source"},
		GroupID: groupEvents,
		Short:   "Look at the sources: what they sent, and what was refused",
		Long:    "A source is who sends.\n\n" + trackerHelp,
		Example: trim(`
  penstock sources list
  penstock sources show github`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSourcesList(s), newSourcesShow(s))
	return c
}

func newSourcesList(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:   "list",
		Short: "List the sources",
		Long: `List shows each source. REFUSED counts the requests of the last day that the gateway
refused; 'penstock sources show' says why.`,
		Example: "  penstock sources list",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error {
		a, err := t.api.ListSourcesWithResponse(ctx)
		list, err := value(t, a, err, (*trackerclient.ListSourcesResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, list.Sources, func() error { return t.tableOfSources(list.Sources) })
	})
	f.register(c)
	return c
}

func (t *tracker) tableOfSources(sources []trackerclient.Source) error {
	rows := [][]string{{"SOURCE", "PROVIDER", "ACCEPTED", "LAST", "UNROUTED", "REFUSED", "PATH"}}
	for i := range sources {
		one := &sources[i]
		var refused int64
		for _, r := range one.Refusals {
			refused += r.Count
		}
		rows = append(rows, []string{
			one.Name, or(one.Provider, "-"), terminal.Count(one.Accepted), t.age(one.LastEventAt),
			terminal.Count(one.Unrouted), terminal.Count(refused), one.Path,
		})
	}
	return terminal.Table(t.Out, t.style(), rows, nil)
}

func newSourcesShow(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:               "show SOURCE",
		Short:             "Show one source",
		Long:              "Show prints a source, and why its requests were refused.",
		Example:           "  penstock sources show github",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: firstName(s, sourceNames),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		a, err := t.api.GetSourceWithResponse(ctx, args[0])
		source, err := value(t, a, err, (*trackerclient.GetSourceResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, source, func() error { return t.printSource(source) })
	})
	f.register(c)
	return c
}

func (t *tracker) printSource(one *trackerclient.Source) error {
	notes := []string{}
	if one.Open {
		notes = append(notes, "anybody may send")
	}
	if !one.Configured {
		notes = append(notes, "not in the configuration any more")
	}
	var refusals []string
	for _, r := range one.Refusals {
		refusals = append(refusals, terminal.Count(r.Count)+" "+r.Reason+", the last "+terminal.Ago(r.LastAt, t.Now()))
	}
	return fields(t.Out, t.style(), [][2]string{
		{"Source", one.Name},
		{"Note", strings.Join(notes, "\n")},
		{"Provider", or(one.Provider, "")},
		{"Path", one.Path},
		{"Public URL", or(one.PublicURL, "")},
		{"Accepted", terminal.Count(one.Accepted) + ", the last " + t.age(one.LastEventAt) + " ago"},
		{"Unrouted", terminal.Count(one.Unrouted)},
		{"Refused", strings.Join(refusals, "\n")},
	})
}
