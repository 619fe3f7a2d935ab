package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// incidentCommand makes a command about one incident, which it prints.
func incidentCommand(s Streams, c *cobra.Command, act func(context.Context, *tracker, string) (*trackerclient.Incident, error)) *cobra.Command {
	var f format
	c.Args = cobra.ExactArgs(1)
	made := trackerCommand(s, c, false, func(ctx context.Context, t *tracker, args []string) error {
		i, err := act(ctx, t, args[0])
		if err != nil {
			return err
		}
		return f.write(t.Out, i, func() error { return t.printIncident(i) })
	})
	f.register(made)
	return made
}

func newIncidentsShow(s Streams) *cobra.Command {
	var f format
	c := trackerCommand(s, &cobra.Command{
		Use:     "show ID",
		Short:   "Show one incident with its history",
		Long:    "Show prints an incident: what fails, how often, the likely cause, sample events, and its history.",
		Example: "  penstock incidents show 5f0c3b1a2d4e6f70",
		Args:    cobra.ExactArgs(1),
	}, false, func(ctx context.Context, t *tracker, args []string) error {
		a, err := t.api.GetIncidentWithResponse(ctx, args[0])
		detail, err := value(t, a, err, (*trackerclient.GetIncidentResponse).GetJSON200)
		if err != nil {
			return err
		}
		return f.write(t.Out, detail, func() error { return t.printIncidentDetail(detail) })
	})
	f.register(c)
	return c
}

func newIncidentsAck(s Streams) *cobra.Command {
	return incidentCommand(s, &cobra.Command{
		Use:     "ack ID",
		Aliases: []string{"acknowledge"},
		Short:   "Note that you look after an incident",
		Long:    "Ack notes in the incident's history that somebody looks after it.",
		Example: "  penstock incidents ack 5f0c3b1a2d4e6f70",
	}, func(ctx context.Context, t *tracker, id string) (*trackerclient.Incident, error) {
		a, err := t.api.AcknowledgeIncidentWithResponse(ctx, id)
		return value(t, a, err, (*trackerclient.AcknowledgeIncidentResponse).GetJSON200)
	})
}

func newIncidentsResolve(s Streams) *cobra.Command {
	return incidentCommand(s, &cobra.Command{
		Use:     "resolve ID",
		Short:   "End an incident",
		Long:    "Resolve ends an incident. Its next failure opens it again, with its history.",
		Example: "  penstock incidents resolve 5f0c3b1a2d4e6f70",
	}, func(ctx context.Context, t *tracker, id string) (*trackerclient.Incident, error) {
		a, err := t.api.ResolveIncidentWithResponse(ctx, id)
		return value(t, a, err, (*trackerclient.ResolveIncidentResponse).GetJSON200)
	})
}

func newIncidentsMute(s Streams) *cobra.Command {
	var span time.Duration
	var until string
	var off bool
	c := incidentCommand(s, &cobra.Command{
		Use:   "mute ID",
		Short: "Keep an incident from being notified of for a while",
		Long: `Mute keeps an incident out of notifications until a time. It stays in lists. When the
time has come and it is not resolved, the channels are notified that it is still open.`,
		Example: trim(`
  penstock incidents mute 5f0c3b1a2d4e6f70 --for 4h
  penstock incidents mute 5f0c3b1a2d4e6f70 --until 2026-12-01T08:00:00Z
  penstock incidents mute 5f0c3b1a2d4e6f70 --off`),
	}, func(ctx context.Context, t *tracker, id string) (*trackerclient.Incident, error) {
		end := t.Now().Add(span)
		switch {
		case off:
			end = t.Now()
		case until != "":
			at, err := moment("--until", until, t.Now())
			if err != nil {
				return nil, err
			}
			end = at
		case span <= 0:
			return nil, usage("--for %v: not more than nothing; --off ends the muting", span)
		}
		a, err := t.api.MuteIncidentWithResponse(ctx, id, trackerclient.MuteRequest{Until: end})
		return value(t, a, err, (*trackerclient.MuteIncidentResponse).GetJSON200)
	})
	c.Flags().DurationVar(&span, "for", time.Hour, "for this `time`, such as 4h")
	c.Flags().StringVar(&until, "until", "", "until this `time`: RFC 3339, or an offset from now such as +2h")
	c.Flags().BoolVar(&off, "off", false, "end the muting")
	c.MarkFlagsMutuallyExclusive("for", "until", "off")
	return c
}

// printIncident prints one incident for people.
func (t *tracker) printIncident(i *trackerclient.Incident) error {
	muted := ""
	if i.MutedUntil != nil {
		muted = "until " + local(*i.MutedUntil, time.DateTime)
	}
	counts := terminal.Count(i.Failures) + " failures of " + terminal.Count(i.Events) + " events; " + terminal.Count(i.Waiting) + " wait for an attempt, " +
		terminal.Count(i.Dead) + " are dead letters"
	return fields(t.Out, t.style(), [][2]string{
		{"Incident", i.Id},
		{"What", i.Title},
		{"Likely cause", i.Cause},
		{"State", incidentState(i) + byWhom(i.By)},
		{"Muted", muted},
		{"Severity", string(i.Severity)},
		{"Kind", string(i.Kind)},
		{"Answers", or(i.Shape, "")},
		{"For example", or(i.Answer, "")},
		{"Detail", or(i.Detail, "")},
		{"Counts", counts},
		{"First", terminal.Ago(i.FirstAt, t.Now())},
		{"Last", terminal.Ago(i.LastAt, t.Now())},
		{"Events", strings.Join(i.Samples, "\n")},
	})
}

func byWhom(name *string) string {
	if name == nil {
		return ""
	}
	return ", by " + *name
}

func (t *tracker) printIncidentDetail(d *trackerclient.IncidentDetail) error {
	if err := t.printIncident(&d.Incident); err != nil {
		return err
	}
	rows := [][]string{{"WHEN", "CHANGE", "BY", "NOTE"}}
	for _, c := range d.History {
		rows = append(rows, []string{terminal.Ago(c.At, t.Now()), string(c.Change), or(c.By, "itself"), or(c.Note, "")})
	}
	tellf(t.Out, "")
	return terminal.Table(t.Out, t.style(), rows, nil)
}
