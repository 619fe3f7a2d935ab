// Command gateway receives webhooks, verifies them, and answers as soon as each
// event is safe in RabbitMQ. Its settings are environment variables: see --help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/telemetry"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// invalid marks settings that nothing can be started with.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

func exitCode(err error) int {
	_, badSettings := errors.AsType[invalid](err)
	_, badConfig := errors.AsType[*config.Error](err)
	if badSettings || badConfig {
		return settings.ExitCode
	}
	return 1
}

func run(ctx context.Context, args []string, env func(string) (string, bool), stdout io.Writer) error {
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.Usage = func() {
		_, _ = fmt.Fprint(stdout, "gateway receives webhooks. It is set by environment variables:\n\n")
		_ = settings.Usage(stdout, new(app.Settings))
	}
	version := flags.Bool("version", false, "print the version")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return invalid{err}
	case flags.NArg() > 0:
		return invalid{fmt.Errorf("unknown argument %q: see --help", flags.Arg(0))}
	case *version:
		_, err := fmt.Fprintln(stdout, buildinfo.String("gateway"))
		return err
	}
	var s app.Settings
	if err := settings.Load(&s); err != nil {
		return invalid{err}
	}
	log, err := telemetry.Logger(stdout, s.LogLevel, s.LogFormat)
	if err != nil {
		return invalid{err}
	}
	gateway, err := app.New(ctx, s, env, log)
	if err != nil {
		return err
	}
	return gateway.Run(ctx)
}
