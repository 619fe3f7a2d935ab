package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// TestTopologyScripts runs the commands that need a broker, each script on a virtual
// host of its own, see testdata/broker.
func TestTopologyScripts(t *testing.T) { //nolint:tparallel // what the scripts leave is looked at
	t.Parallel()
	vhost := amqptest.New(t)
	cfg := amqpx.Config{URLs: vhost.URLs, Name: t.Name()}
	params := testscript.Params{
		Dir:                 "testdata/broker",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"declare": func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(declareBefore(cfg)) },
			"old-gateway": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(connectAsBefore(t, vhost, "penstock-gateway", (*rabbit.Management).OldGateways))
			},
			"old-deliverer": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(connectAsBefore(t, vhost, "penstock-deliver", (*rabbit.Management).OldDelayers))
			},
			"old-levels": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(amqpx.Declare(t.Context(), cfg, topology.BitLevels()))
			},
			"dead": func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(deadLetter(cfg)) },
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("PENSTOCK_AMQP_URLS", vhost.URL)
			e.Setenv("MANAGEMENT", vhost.Management)
			return nil
		},
	}
	t.Run("scripts", func(t *testing.T) { testscript.Run(t, params) })
	require.Equal(t, 1, vhost.Depth(t, topology.DeadQueue("gone")), "a dead letter is never removed")
}

// declareBefore declares what an older configuration needed.
func declareBefore(cfg amqpx.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	before := topology.Plan{
		Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20_000_000_000,
		Routes: []topology.Route{
			{Name: "one"},
			{Name: "gone"},
		},
	}.Topology()
	before.Exchanges = append(before.Exchanges, amqpx.Exchange{
		Name: topology.Events, Kind: "topic", Args: map[string]any{"alternate-exchange": topology.Unrouted},
	})
	for queue, keys := range map[string][]string{
		topology.Archive: {"#"}, topology.RouteQueue("one"): {"shop.#", "shop.order.#"}, topology.RouteQueue("gone"): {"shop.#"},
	} {
		for _, key := range keys {
			before.Bindings = append(before.Bindings, amqpx.Binding{Source: topology.Events, Key: key, Queue: queue})
		}
	}
	return amqpx.Declare(ctx, cfg, before)
}

// connectAsBefore connects as a process before version 1 does, until the test ends, and waits
// until the management interface knows.
func connectAsBefore(t *testing.T, vhost *amqptest.Vhost, name string, look func(*rabbit.Management, context.Context) ([]string, error)) error {
	t.Helper()
	vhost.ConnectBare(t, name)
	m, err := rabbit.New(t.Context(), vhost.Management, amqpx.Config{URLs: vhost.URLs})
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(200 * time.Millisecond) {
		if old, err := look(m, t.Context()); err != nil || len(old) > 0 {
			return err
		}
	}
	return errors.New("the management interface does not show the connection")
}

// deadLetter leaves a dead letter of the route that is gone.
func deadLetter(cfg amqpx.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	p := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{Connections: 1}, zap.NewNop())
	message := &event.Message{ID: "one", Headers: map[string]any{event.HeaderFormat: int64(event.Format)}}
	for p.Ready() != nil && ctx.Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	if err := p.Publish(ctx, amqpx.Publication{Exchange: topology.Dead, Key: "gone", Message: message}); err != nil {
		return err
	}
	return p.Close(ctx)
}
