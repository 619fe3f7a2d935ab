package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func newJobs(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "jobs",
		Aliases: []string{"job"},
		GroupID: groupEvents,
		Short:   "Look at replays and discards, follow them, or cancel them",
		Long:    "A replay or a discard is a job, which the tracker works on.\n\n" + trackerHelp,
		Example: trim(`
  penstock jobs list
  penstock jobs follow 019a2f6e-8f0c-7d3e-9b5a-0242ac120002`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newJobsList(s), newJobsShow(s), newJobsFollow(s), newJobsCancel(s))
	return c
}

func newJobsList(s Streams) *cobra.Command {
	var f format
	var limit int
	c := trackerCommand(s, &cobra.Command{
		Use:     "list",
		Short:   "List jobs, the newest first",
		Long:    "List shows what was started, by whom, and how far it is.",
		Example: "  penstock jobs list",
		Args:    cobra.NoArgs,
	}, false, func(ctx context.Context, t *tracker, _ []string) error { return t.listJobs(ctx, f, limit) })
	f.register(c)
	c.Flags().IntVar(&limit, "limit", defaultLimit, "show this `number` of jobs at most")
	return c
}

func (t *tracker) listJobs(ctx context.Context, f format, limit int) error {
	jobs, more, err := collect(limit, func(cursor *string, size int) ([]trackerclient.Job, *string, error) {
		a, err := t.api.ListJobsWithResponse(ctx, &trackerclient.ListJobsParams{Cursor: cursor, Limit: &size})
		page, err := value(t, a, err, (*trackerclient.ListJobsResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Jobs, page.Next, nil
	})
	if err != nil {
		return err
	}
	defer tellMore(t.Streams, f, len(jobs), more)
	return f.write(t.Out, jobs, func() error {
		rows := [][]string{{"JOB", "AGE", "STATE", "DONE", "BY", "WHAT"}}
		for i := range jobs {
			j := &jobs[i]
			done := terminal.Count(j.Done)
			if j.Total != nil {
				done += "/" + terminal.Count(*j.Total)
			}
			rows = append(rows, []string{
				j.Id, terminal.Span(t.Now().Sub(j.CreatedAt)), string(j.State), done, j.By, string(j.Kind) + filterWords(&j.Filter) + toWords(j.To),
			})
		}
		return terminal.Table(t.Out, t.style(), rows, tintColumn(t.style(), 2))
	})
}

// jobCommand makes a command about one job.
func jobCommand(s Streams, c *cobra.Command, lasts bool, run func(context.Context, *tracker, format, string) error) *cobra.Command {
	var f format
	c.Args = cobra.ExactArgs(1)
	made := trackerCommand(s, c, lasts, func(ctx context.Context, t *tracker, args []string) error { return run(ctx, t, f, args[0]) })
	f.register(made)
	return made
}

func newJobsShow(s Streams) *cobra.Command {
	return jobCommand(s, &cobra.Command{
		Use:     "show ID",
		Short:   "Show one job",
		Long:    "Show prints what a job does, and how far it is.",
		Example: "  penstock jobs show 019a2f6e-8f0c-7d3e-9b5a-0242ac120002",
	}, false, func(ctx context.Context, t *tracker, f format, id string) error {
		a, err := t.api.GetJobWithResponse(ctx, id)
		job, err := value(t, a, err, (*trackerclient.GetJobResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, job, func() error { return t.printJob(job) })
	})
}

func newJobsFollow(s Streams) *cobra.Command {
	return jobCommand(s, &cobra.Command{
		Use:   "follow ID",
		Short: "Show a job's progress until it has ended",
		Long: `Follow shows how far a job is until it has ended. Ctrl-C leaves the job to itself.
The exit code is 4 when the job failed, was cancelled, or left something out.`,
		Example: "  penstock jobs follow 019a2f6e-8f0c-7d3e-9b5a-0242ac120002",
	}, true, func(ctx context.Context, t *tracker, f format, id string) error { return t.follow(ctx, f, id) })
}

func newJobsCancel(s Streams) *cobra.Command {
	return jobCommand(s, &cobra.Command{
		Use:     "cancel ID",
		Short:   "End a job before it is done",
		Long:    "Cancel ends a job. What it has done stays done.",
		Example: "  penstock jobs cancel 019a2f6e-8f0c-7d3e-9b5a-0242ac120002",
	}, false, func(ctx context.Context, t *tracker, f format, id string) error {
		a, err := t.api.CancelJobWithResponse(ctx, id)
		job, err := value(t, a, err, (*trackerclient.CancelJobResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, job, func() error { return t.printJob(job) })
	})
}

// filterWords say a job's filter for people.
func filterWords(f *trackerclient.Filter) string {
	var b strings.Builder
	if f.Ids != nil {
		b.WriteString(" of " + count(len(*f.Ids), "event"))
	}
	state := string(or(f.State, ""))
	for _, part := range [][2]string{
		{"state", state}, {"source", or(f.Source, "")}, {"type", or(f.Type, "")}, {"route", or(f.Route, "")},
		{"reason", or(f.Reason, "")}, {"provider-id", or(f.ProviderId, "")}, {"from", timeWords(f.From)}, {"to", timeWords(f.To)},
	} {
		if part[1] != "" {
			b.WriteString(" " + part[0] + "=" + part[1])
		}
	}
	return b.String()
}

func toWords(route *string) string {
	if route == nil {
		return ""
	}
	return " to " + *route
}

func timeWords(t *time.Time) string {
	if t == nil {
		return ""
	}
	return local(*t, time.RFC3339)
}
