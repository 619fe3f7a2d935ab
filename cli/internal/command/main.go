package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Main runs the command that the arguments of the process name, and ends the process.
// SIGINT and SIGTERM end the command; a second one ends the process at once.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], Streams{Env: os.LookupEnv, In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
