package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/memory"
	"github.com/penstock/penstock/pkg/settings"
)

// Main runs a program until it returns, prints what went wrong, and exits with the code
// that [ExitCode] finds for it. The context ends with the first SIGINT or SIGTERM; SIGHUP
// never ends the process, as [config.Watch] reads its file again then. It sets the memory
// limit of Go's runtime before anything else.
func Main(run func(ctx context.Context, args []string, env config.Lookup, stdout io.Writer) error) {
	memory.Limit()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}

// misused marks arguments or settings that nothing can be started with.
type misused struct{ error }

func (e misused) Unwrap() error { return e.error }

// Misused marks an error as one of the arguments or the settings: nothing was started.
func Misused(err error) error { return misused{err} }

// ExitCode is 0 without an error, [settings.ExitCode] for what is misused or a wrong
// configuration, and otherwise 1.
func ExitCode(err error) int {
	_, badSettings := errors.AsType[misused](err)
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
