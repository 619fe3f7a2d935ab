package main

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/routing/routingtest"
)

// until runs a command again and again until what it prints matches:
//
//	until PATTERN COMMAND ARG...
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until pattern command [arg...]")
	}
	pattern, err := regexp.Compile(`(?m)` + args[0])
	ts.Check(err)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
		_ = ts.Exec(args[1], args[2:]...)
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("what it prints never matched %s", args[0])
}

// send publishes an event as the gateway does, and sets a variable to its id:
//
//	send SOURCE TYPE BODY VARIABLE
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: send source type body variable")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e := &event.Event{
		ID: event.NewID(), Source: args[0], Type: args[1], ReceivedAt: time.Now(), Body: []byte(args[2]),
		Request: event.Request{
			Method: http.MethodPost, Path: "/in/" + args[0], RemoteAddr: "203.0.113.9",
			Header: []event.Field{{Name: "Content-Type", Value: "application/json"}},
		},
	}
	m, err := event.Encode(e)
	ts.Check(err)
	p := amqpx.NewPublisher(amqpx.Config{URLs: []string{of(ts).broker}}, amqpx.PublisherOptions{Connections: 1}, zap.NewNop())
	for p.Ready() != nil && ctx.Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	c, err := config.Load(ts.MkAbs("penstock.yaml"), func(name string) (string, bool) { value := ts.Getenv(name); return value, value != "" }, config.NoSecrets)
	ts.Check(err)
	ts.Check(routingtest.Accept(ctx, p, m, routing.For(c).Match(e.Source, e.Type)...))
	ts.Check(p.Close(ctx))
	ts.Setenv(args[3], e.ID)
}
