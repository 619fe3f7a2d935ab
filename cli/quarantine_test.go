package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/pkg/topology"
)

// TestQuarantineScripts runs the commands that look into the quarantine, see
// testdata/quarantine.
func TestQuarantineScripts(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	cfg := amqpx.Config{URLs: vhost.URLs, Name: t.Name()}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/quarantine",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fill": func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(fillQuarantine(cfg)) },
			"routed": func(_ *testscript.TestScript, _ bool, args []string) {
				require.Equal(t, args[0], strconv.Itoa(vhost.Depth(t, topology.RouteQueue("one"))))
			},
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("PENSTOCK_AMQP_URLS", vhost.URL)
			e.Setenv("MANAGEMENT", vhost.Management)
			return nil
		},
	})
}

// fillQuarantine declares the topology and keeps five requests.
func fillQuarantine(cfg amqpx.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	plan := topology.Plan{
		Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20_000_000_000,
		Quarantine: true, QuarantineMaxAge: "1D", QuarantineMaxBytes: 500_000_000,
		Routes: []topology.Route{{Name: "one"}},
	}
	if err := amqpx.Declare(ctx, cfg, plan.Topology()); err != nil {
		return err
	}
	p := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{Connections: 1}, zap.NewNop())
	for p.Ready() != nil && ctx.Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	for _, e := range []*event.Event{
		refusedEvent("github", "X-Hub-Signature-256", "sha256="+signWith("right", "{}")),
		refusedEvent("github", "X-Hub-Signature-256", "sha256="+signWith("right", "{}")),
		refusedEvent("github", "X-Hub-Signature-256", "sha256="+signWith("a stranger's", "{}")),
		refusedEvent("stripe", "Stripe-Signature", "t=1,v1="+signWith("right", "1.{}")),
		refusedEvent("gone", "X-Signature", "none"),
	} {
		m, err := quarantine.Refused(e, "mismatch")
		if err != nil {
			return err
		}
		if err := p.Publish(ctx, amqpx.Publication{Key: topology.Quarantine, Message: m}); err != nil {
			return err
		}
	}
	return p.Close(ctx)
}

func refusedEvent(source, header, value string) *event.Event {
	return &event.Event{
		ID: event.NewID(), Source: source, ReceivedAt: time.Now(), Attempt: 1, Body: []byte("{}"),
		Request: event.Request{
			Method: "POST", Path: "/in/" + source, RemoteAddr: "203.0.113.7",
			Header: []event.Field{
				{Name: header, Value: value},
				{Name: "Host", Value: "hooks.example"},
				{Name: "X-Github-Delivery", Value: "d-1"},
				{Name: "X-Github-Event", Value: "push"},
			},
		},
	}
}

func signWith(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
