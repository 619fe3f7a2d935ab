package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/tail"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// How long to wait before the stream is opened again: at first, and at most.
const (
	firstPause = time.Second
	longPause  = 30 * time.Second
)

// tailPage is how many events the live list holds.
const tailPage = 200

// eventsTail are the flags of the command.
type eventsTail struct {
	format  format
	choice  filterFlags
	history bool
}

func newEventsTail(s Streams) *cobra.Command {
	var e eventsTail
	c := trackerCommand(s, &cobra.Command{
		Use:   "tail",
		Short: "Show what happens as it happens",
		Long: `Tail prints a line for each event that is accepted, and for each attempt to deliver
one, until Ctrl-C. A stream that breaks is opened again. As JSON it is one object a
line.

` + filterHelp,
		Example: trim(`
  penstock events tail
  penstock events tail --route invoices --state retrying
  penstock events tail --source github -o json | jq -c 'select(.delivery.state == "dead")'`),
		Args: cobra.NoArgs,
	}, true, func(ctx context.Context, t *tracker, _ []string) error { return e.run(ctx, t) })
	e.format.register(c)
	f := c.Flags()
	f.StringVar(&e.choice.source, "source", "", "only of this `source`")
	f.StringVar(&e.choice.typ, "type", "", "only of this `type`, or with a beginning, such as 'invoice.*'")
	f.StringVar(&e.choice.route, "route", "", "only with a delivery on this `route`")
	f.StringVar(&e.choice.reason, "reason", "", "only with a delivery that ended, or waits, for this `reason`")
	f.BoolVar(&e.history, "history", false, "begin with what happened last")
	e.choice.registerState(c)
	completeFlag(c, "source", names(s, sourceNames))
	completeFlag(c, "route", names(s, routeNames))
	return c
}

// run watches until ctx is done. It comes back after every loss, but not after a refusal.
func (e *eventsTail) run(ctx context.Context, t *tracker) error {
	wanted, err := e.choice.filter(t.Now())
	if err != nil {
		return err
	}
	size := tailPage
	params := &trackerclient.WatchEventsParams{
		Source: wanted.Source, Type: wanted.Type, Route: wanted.Route, State: wanted.State, Reason: wanted.Reason, Limit: &size,
	}
	news := tail.New(e.history)
	if !e.history {
		tellf(t.Err, "waiting for what happens next; Ctrl-C ends it")
	}
	pause := firstPause
	for {
		err := trackerclient.Watch(ctx, t.api, params, func(p *trackerclient.EventPage) error {
			pause = firstPause
			return e.show(t, news, p)
		})
		broken, fatal := whyBroken(err)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // to end it is what Ctrl-C is for
		}
		if fatal {
			return t.explain(err)
		}
		tellf(t.Err, "%s; trying again in %s", terminal.Line(broken), terminal.Span(pause))
		if !rest(ctx, pause) {
			return nil
		}
		pause = min(2*pause, longPause)
	}
}

// whyBroken says why a stream ended, and whether another one would end like it.
func whyBroken(err error) (text string, fatal bool) {
	refused, isRefusal := errors.AsType[*trackerclient.Error](err)
	_, cannotPrint := errors.AsType[printError](err)
	switch {
	case cannotPrint:
		return "", true
	case isRefusal && refused.Status < 500:
		return "", true
	case isRefusal:
		return refused.Error(), false
	case errors.Is(err, io.EOF):
		return "the tracker ended the stream", false
	default:
		return "the tracker cannot be reached", false
	}
}

// printError says that nobody reads any more.
type printError struct{ error }

func (e *eventsTail) show(t *tracker, news *tail.Tail, p *trackerclient.EventPage) error {
	changes, missed := news.See(p)
	if missed {
		tellf(t.Err, "more events came than can be shown; a narrower choice shows all of them")
	}
	for i := range changes {
		if err := e.print(t, &changes[i]); err != nil {
			return printError{err}
		}
	}
	return nil
}

func (e *eventsTail) print(t *tracker, c *tail.Change) error {
	switch e.format.name {
	case formatJSON:
		return writeJSON(t.Out, c, "")
	case formatYAML:
		if _, err := io.WriteString(t.Out, "---\n"); err != nil {
			return err
		}
		return writeYAML(t.Out, c)
	default:
		_, err := fmt.Fprintln(t.Out, changeLine(c, t.style()))
		return err
	}
}

// changeLine is a change for people.
func changeLine(c *tail.Change, style terminal.Style) string {
	line := style.Faint(local(c.At, "15:04:05.000")) + "  " + terminal.Line(c.Event) + "  "
	if c.Delivery == nil {
		return line + "accepted  " + style.Strong(terminal.Line(c.Type)) + " from " + terminal.Line(c.Source)
	}
	d := c.Delivery
	line += tint(style, fmt.Sprintf("%-9s", terminal.Line(string(d.State)))) + " " + terminal.Line(d.Route)
	if reason := why(d.Reason, d.LastReason, d.HttpStatus); reason != "" && d.State != trackerclient.Delivered {
		line += ": " + terminal.Line(reason)
	}
	if d.Attempts > 1 {
		line += fmt.Sprintf(", attempt %d", d.Attempts)
	}
	if d.NextAttemptAt != nil && d.State == trackerclient.Retrying {
		line += ", next at " + local(*d.NextAttemptAt, time.TimeOnly)
	}
	return line
}

// rest waits, and reports whether ctx is still on.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
