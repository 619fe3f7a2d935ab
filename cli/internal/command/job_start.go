package command

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

const jobHelp = `On a terminal it asks first; elsewhere --yes is needed. The tracker does it as a job,
whose progress is shown. Ctrl-C leaves the job to itself: 'penstock jobs follow'
shows it again, 'penstock jobs cancel' ends it. The exit code is 4 when the job fails
or leaves something out.`

// jobFlags describe a job that is to be started.
type jobFlags struct {
	kind   trackerclient.JobKind
	verb   string // in words
	dead   bool   // it is about dead letters
	state  string // of the events that it is about, unless the flags or their names choose; empty: any
	choice filterFlags
	to     string
	rate   int
	all    bool
	yes    bool
	detach bool
	format format
}

func (j *jobFlags) register(c *cobra.Command, s Streams) {
	j.choice.register(c, s)
	j.format.register(c)
	f := c.Flags()
	f.IntVar(&j.rate, "rate", 0, "do this `number` in a second at most (default: the tracker's, 100)")
	f.BoolVar(&j.all, "all", false, "choose everything, where no flag narrows the choice")
	f.BoolVar(&j.yes, "yes", false, "do not ask")
	f.BoolVar(&j.detach, "detach", false, "start the job, and do not wait for it")
}

func (j *jobFlags) run(ctx context.Context, t *tracker, ids []string) error {
	request, err := j.request(t, ids)
	if err != nil {
		return err
	}
	if err := j.ask(ctx, t, request); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, trackerPatience)
	defer cancel()
	a, err := t.api.CreateJobWithResponse(asking, *request)
	job, err := value(t, a, err, (*trackerclient.CreateJobResponse).GetJSON202)
	if err != nil {
		return err
	}
	if j.detach {
		return j.format.write(t.Out, job, func() error { return t.printJob(job) })
	}
	tellf(t.Err, "started job %s", terminal.Line(job.Id))
	return t.follow(ctx, j.format, job.Id)
}

// request is what the flags describe.
func (j *jobFlags) request(t *tracker, ids []string) (*trackerclient.JobRequest, error) {
	filter, err := j.choice.filter(t.Now())
	if err != nil {
		return nil, err
	}
	empty := filter == trackerclient.Filter{}
	switch {
	case len(ids) > 0:
		filter.Ids = &ids
	case empty && !j.all:
		return nil, usage("say which: by ID, with flags such as --route, or with --all")
	}
	if j.all && (!empty || len(ids) > 0) {
		return nil, usage("--all and a choice exclude each other")
	}
	if j.rate < 0 || j.rate > 10_000 {
		return nil, usage("--rate %d: not from 1 to 10000", j.rate)
	}
	if j.dead {
		dead := trackerclient.Dead
		filter.State = &dead
	}
	if filter.State == nil && len(ids) == 0 && j.state != "" {
		state := trackerclient.State(j.state)
		filter.State = &state
	}
	request := &trackerclient.JobRequest{Kind: j.kind, Filter: filter, To: optional(j.to)}
	if j.rate > 0 {
		request.RatePerSecond = &j.rate
	}
	if j.all && !j.dead {
		request.All = &j.all
	}
	return request, nil
}

// ask lets a person confirm what the job is about. One event that was named needs no
// confirmation to be replayed.
func (j *jobFlags) ask(ctx context.Context, t *tracker, r *trackerclient.JobRequest) error {
	ids := or(r.Filter.Ids, nil)
	if j.yes || len(ids) == 1 && (j.kind == trackerclient.Replay || j.kind == trackerclient.RetryNow) {
		return nil
	}
	what := j.words(count(len(ids), j.noun()))
	if len(ids) == 0 {
		number, err := t.countEvents(ctx, &r.Filter, j.noun())
		if err != nil {
			return err
		}
		what = j.words(number + j.choice.words())
	}
	return confirm(ctx, t.Streams, false, what)
}

// words are what the job does to something.
func (j *jobFlags) words(what string) string {
	verb, rest, _ := strings.Cut(j.verb, " ")
	return strings.TrimSpace(verb + " " + what + " " + rest)
}

func (j *jobFlags) noun() string {
	if j.dead {
		return "dead letter"
	}
	return "event"
}

// countEvents says how many events a filter finds, and calls them by noun.
func (t *tracker) countEvents(ctx context.Context, f *trackerclient.Filter, noun string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, trackerPatience)
	defer cancel()
	a, err := t.api.CountEventsWithResponse(ctx, &trackerclient.CountEventsParams{
		Source: f.Source, Type: f.Type, Route: f.Route, State: f.State, Reason: f.Reason,
		HttpStatus: f.HttpStatus, Error: f.Error,
		ProviderId: f.ProviderId, From: f.From, To: f.To,
	})
	found, err := value(t, a, err, (*trackerclient.CountEventsResponse).GetJSON200)
	if err != nil {
		return "", err
	}
	text := count(int(found.Count), noun)
	if !found.Complete {
		text = "more than " + text
	}
	return text, nil
}
