package command

import (
	"context"
	"errors"
	"strings"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// follow shows a job's progress until it has ended, and then what came of it. When
// ctx is done, it leaves the job to itself.
func (t *tracker) follow(ctx context.Context, f format, id string) error {
	progress := terminal.NewProgress(t.Err, terminal.StyleFor(t.Err, t.Env), "job "+terminal.Line(id), t.Now)
	job, err := trackerclient.Wait(ctx, t.api, id, func(j *trackerclient.Job) {
		progress.Set(j.Done+j.Skipped, or(j.Total, 0))
	})
	progress.Done()
	if errors.Is(ctx.Err(), context.Canceled) {
		tellf(t.Err, "The job goes on without you.")
		tellf(t.Err, "  penstock jobs follow %s   shows it again", terminal.Line(id))
		tellf(t.Err, "  penstock jobs cancel %s   ends it", terminal.Line(id))
		return silent{Stopped}
	}
	if err != nil {
		return t.explain(err)
	}
	if err := f.write(t.Out, job, func() error { return t.printJob(job) }); err != nil {
		return err
	}
	if job.State != trackerclient.Done || job.Skipped > 0 {
		return silent{Refused}
	}
	return nil
}

// printJob prints one job for people.
func (t *tracker) printJob(j *trackerclient.Job) error {
	ended := ""
	if j.EndedAt != nil {
		ended = terminal.Ago(*j.EndedAt, t.Now()) + ", after " + terminal.Span(j.EndedAt.Sub(j.CreatedAt))
	}
	done := terminal.Count(j.Done)
	if j.Total != nil {
		done += " of " + terminal.Count(*j.Total)
	}
	skipped := ""
	if j.Skipped > 0 {
		skipped = terminal.Count(j.Skipped) + ": no route takes them, the archive does not hold them any more, or they do not wait any more"
	}
	return fields(t.Out, t.style(), [][2]string{
		{"Job", j.Id},
		{"What", string(j.Kind) + filterWords(&j.Filter) + toWords(j.To)},
		{"State", string(j.State)},
		{"Done", done},
		{"Left out", skipped},
		{"Because", strings.ReplaceAll(string(or(j.Error, "")), "-", " ")},
		{"Started", terminal.Ago(j.CreatedAt, t.Now()) + " by " + j.By},
		{"Ended", ended},
	})
}
