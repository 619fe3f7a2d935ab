package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// follow relays until ctx is done. It comes back after every loss, but not after a refusal.
func (r *relayRun) follow(ctx context.Context) error {
	pause := firstPause
	for {
		err := trackerclient.Follow(ctx, r.api, &r.params, func(line *trackerclient.RelayLine) error {
			pause = firstPause
			return r.take(ctx, line)
		})
		if ctx.Err() != nil {
			return nil //nolint:nilerr // to end it is what Ctrl-C is for
		}
		why, fatal := whyBroken(err)
		if fatal {
			return r.explain(err)
		}
		r.view.note(fmt.Sprintf("%s; trying again in %s", terminal.Line(why), terminal.Span(pause)))
		if !rest(ctx, pause) {
			return nil
		}
		pause = min(2*pause, longPause)
	}
}

// take forwards the event of a line, and keeps the place behind it once every target has it.
func (r *relayRun) take(ctx context.Context, line *trackerclient.RelayLine) error {
	if line.Scanned == 0 {
		r.view.note("relaying to " + r.targets() + "; Ctrl-C ends it")
	}
	if line.Loss != nil {
		r.view.warn(lossWords(*line.Loss))
	}
	if line.Event != nil {
		r.view.wait(ctx)
		results, err := r.forwarder.Forward(ctx, line.Event)
		if err != nil {
			return err
		}
		for _, result := range results {
			if err := r.view.show(line.Event, result, r.Now()); err != nil {
				return printError{err}
			}
		}
	}
	r.params.From = &line.Cursor
	if err := r.cursor.Save(line.Cursor); err != nil {
		return printError{err}
	}
	return nil
}

func (r *relayRun) targets() string {
	urls := make([]string, len(r.forwarder.Targets))
	for i, t := range r.forwarder.Targets {
		urls[i] = t.URL.Redacted()
	}
	return strings.Join(urls, ", ")
}

func lossWords(loss trackerclient.RelayLoss) string {
	if loss == trackerclient.Truncated {
		return "warning: the archive was cut before these events were read: some were not relayed"
	}
	return "warning: the archive was made again: some events may not have been relayed, some come twice"
}
