// Command gateway receives webhooks, verifies them, and answers as soon as each
// event is safe in RabbitMQ. Its settings are environment variables: see --help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/process"
	"github.com/penstock/penstock/pkg/settings"
)

func main() { process.Main(run) }

func run(ctx context.Context, args []string, env config.Lookup, stdout io.Writer) error {
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.Usage = func() {
		_, _ = fmt.Fprint(stdout, "gateway receives webhooks. With --check it only checks the settings and the\nconfiguration file, without secrets. It is set by environment variables:\n\n")
		_ = settings.Usage(stdout, new(app.Settings))
	}
	version := flags.Bool("version", false, "print the version")
	check := flags.Bool("check", false, "check the settings and the configuration file, without secrets, and start nothing")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return process.Misused(err)
	case flags.NArg() > 0:
		return process.Misused(fmt.Errorf("unknown argument %q: see --help", flags.Arg(0)))
	case *version:
		_, err := fmt.Fprintln(stdout, buildinfo.String("gateway"))
		return err
	case *check:
		return process.Check[app.Settings](env, stdout)
	}
	return process.Serve(ctx, env, stdout, app.New)
}
