// Command worker handles events after they were accepted. Its first argument says
// which part of that: see --help. Its settings are environment variables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/process"
)

func main() { process.Main(run) }

func run(ctx context.Context, args []string, env config.Lookup, stdout io.Writer) error {
	var name string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	version := flags.Bool("version", false, "print the version")
	check := flags.Bool("check", false, "check the settings and the configuration file, without secrets, and start nothing")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return help(stdout, name)
	case err != nil:
		return process.Misused(err)
	case *version:
		_, err := fmt.Fprintln(stdout, buildinfo.String("worker"))
		return err
	}
	for _, c := range commands() {
		switch {
		case c.name != name || flags.NArg() > 0:
		case *check:
			return c.check(env, stdout)
		default:
			return c.run(ctx, env, stdout)
		}
	}
	given := strings.TrimSpace(name + " " + strings.Join(flags.Args(), " "))
	return process.Misused(fmt.Errorf("unknown command %q; the commands are: deliver, track", given))
}
