package main

import (
	"context"
	"fmt"
	"io"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/process"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/worker/internal/app"
)

// command is one of the parts that a worker can play.
type command struct {
	name, summary string
	settings      func() any // an empty set of them
	run           func(ctx context.Context, env config.Lookup, stdout io.Writer) error
	check         func(env config.Lookup, stdout io.Writer) error
}

func commands() []command {
	return []command{
		{
			"deliver", "delivers the events of the routes",
			func() any { return new(app.DeliverSettings) },
			func(ctx context.Context, env config.Lookup, stdout io.Writer) error {
				return process.Serve(ctx, env, stdout, app.NewDeliverer)
			},
			process.Check[app.DeliverSettings],
		},
		{
			"track", "keeps what became of every event where it can be searched",
			func() any { return new(app.TrackSettings) },
			func(ctx context.Context, env config.Lookup, stdout io.Writer) error {
				return process.Serve(ctx, env, stdout, app.NewTracker)
			},
			process.Check[app.TrackSettings],
		},
	}
}

// help describes the command with that name, or all of them.
func help(stdout io.Writer, name string) error {
	for _, c := range commands() {
		if name != "" && name != c.name {
			continue
		}
		_, _ = fmt.Fprintf(stdout, "worker %-10s %s\n\nWith --check it only checks the settings and the configuration file, without secrets.\nIt is set by environment variables:\n\n", c.name, c.summary)
		if err := settings.Usage(stdout, c.settings()); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(stdout)
	}
	return nil
}
