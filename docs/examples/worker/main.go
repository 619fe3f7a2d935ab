// Command worker is an example: a team's own binary that processes the events of a
// route, with the retries, the dead letters and the clean stop of Penstock.
//
// The route is one of Penstock's configuration. No deliverer may consume it as well:
// leave it out of PENSTOCK_ROUTES there.
//
//	ROUTE=invoices PENSTOCK_AMQP_URLS=amqp://guest:guest@127.0.0.1:5672/ go run ./docs/examples/worker
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/retry"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run consumes the route until ctx is done. Then it lets the calls that are under
// way finish, and returns nil.
func run(ctx context.Context, env func(string) string, out io.Writer) error {
	log, err := zap.NewProduction()
	if err != nil {
		return fmt.Errorf("start the log: %w", err)
	}
	policy := retry.Default()
	policy.MaxAttempts = 8
	broker := amqpx.Config{URLs: strings.Split(env("PENSTOCK_AMQP_URLS"), ","), Name: "invoices"}
	return consume.Run(ctx, broker, consume.Options{
		Route:       env("ROUTE"),
		Handler:     consume.Chain(&ledger{out: out}, timed(log)),
		Concurrency: 8,
		Timeout:     30 * time.Second,
		Retry:       policy,
		Log:         log,
	})
}
