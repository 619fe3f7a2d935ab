// Command worker handles events after they were accepted. Its first argument says
// which part of that: see --help. Its settings are environment variables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(exitCode(err))
}

// invalid marks arguments or settings that nothing can be started with.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

func exitCode(err error) int {
	_, badSettings := errors.AsType[invalid](err)
	_, badConfig := errors.AsType[*config.Error](err)
	switch {
	case err == nil:
		return 0
	case badSettings || badConfig:
		return settings.ExitCode
	default:
		return 1
	}
}

func run(ctx context.Context, args []string, env func(string) (string, bool), stdout io.Writer) error {
	var name string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	version := flags.Bool("version", false, "print the version")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return help(stdout, name)
	case err != nil:
		return invalid{err}
	case *version:
		_, err := fmt.Fprintln(stdout, buildinfo.String("worker"))
		return err
	}
	for _, c := range commands() {
		if c.name == name && flags.NArg() == 0 {
			return c.run(ctx, env, stdout)
		}
	}
	given := strings.TrimSpace(name + " " + strings.Join(flags.Args(), " "))
	return invalid{fmt.Errorf("unknown command %q; the commands are: deliver, track", given)}
}
