package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// incidentJob is a job on the dead letters of an incident.
type incidentJob struct {
	verb   string
	start  func(context.Context, *tracker, string) (*trackerclient.Job, error)
	yes    bool
	detach bool
	format format
}

func (j *incidentJob) command(s Streams, c *cobra.Command) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	made := trackerCommand(s, c, true, func(ctx context.Context, t *tracker, args []string) error { return j.run(ctx, t, args[0]) })
	j.format.register(made)
	made.Flags().BoolVar(&j.yes, "yes", false, "do not ask")
	made.Flags().BoolVar(&j.detach, "detach", false, "start the job, and do not wait for it")
	return made
}

func (j *incidentJob) run(ctx context.Context, t *tracker, id string) error {
	job, err := j.begin(ctx, t, id)
	if err != nil {
		return err
	}
	if j.detach {
		return j.format.write(t.Out, job, func() error { return t.printJob(job) })
	}
	tellf(t.Err, "started job %s", terminal.Line(job.Id))
	return t.follow(ctx, j.format, job.Id)
}

// begin starts the job when a person has confirmed what it is about. A replay that was named
// exactly needs no confirmation.
func (j *incidentJob) begin(ctx context.Context, t *tracker, id string) (*trackerclient.Job, error) {
	asking, cancel := context.WithTimeout(ctx, trackerPatience)
	defer cancel()
	a, err := t.api.GetIncidentWithResponse(asking, id)
	detail, err := value(t, a, err, (*trackerclient.GetIncidentResponse).GetJSON200)
	if err != nil {
		return nil, err
	}
	what := j.verb + " " + count(int(detail.Incident.Dead), "dead letter") + " of the incident"
	if err := confirm(ctx, t.Streams, j.yes || j.verb == "replay", what); err != nil {
		return nil, err
	}
	return j.start(ctx, t, id)
}

func newIncidentsReplay(s Streams) *cobra.Command {
	j := incidentJob{verb: "replay", start: func(ctx context.Context, t *tracker, id string) (*trackerclient.Job, error) {
		ctx, cancel := context.WithTimeout(ctx, trackerPatience)
		defer cancel()
		a, err := t.api.ReplayIncidentWithResponse(ctx, id)
		return value(t, a, err, (*trackerclient.ReplayIncidentResponse).GetJSON202)
	}}
	return j.command(s, &cobra.Command{
		Use:   "replay ID",
		Short: "Deliver exactly the dead letters of an incident once more",
		Long: `Replay takes the dead letters of an incident back to their route, and no others. What
still waits for an attempt is tried by itself. The tracker does it as a job, whose
progress is shown. Ctrl-C leaves the job to itself. The exit code is 4 when the job
fails or leaves something out.`,
		Example: "  penstock incidents replay 5f0c3b1a2d4e6f70",
	})
}

func newIncidentsDiscard(s Streams) *cobra.Command {
	j := incidentJob{verb: "discard", start: func(ctx context.Context, t *tracker, id string) (*trackerclient.Job, error) {
		ctx, cancel := context.WithTimeout(ctx, trackerPatience)
		defer cancel()
		a, err := t.api.DiscardIncidentWithResponse(ctx, id)
		return value(t, a, err, (*trackerclient.DiscardIncidentResponse).GetJSON202)
	}}
	return j.command(s, &cobra.Command{
		Use:   "discard ID",
		Short: "Give exactly the dead letters of an incident up for good",
		Long: `Discard removes the dead letters of an incident, and no others. On a terminal it asks
first; elsewhere --yes is needed. As long as the archive holds an event it can be
replayed. The exit code is 4 when the job fails or leaves something out.`,
		Example: "  penstock incidents discard 5f0c3b1a2d4e6f70 --yes",
	})
}
