// Package routingtest publishes events as a gateway does, for tests.
package routingtest

import (
	"context"
	"maps"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// Publisher is what Route and Archive publish through. *amqpx.Publisher is one.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Route publishes a message to each of the routes' queues.
func Route(ctx context.Context, p Publisher, m *event.Message, routes ...string) error {
	for _, route := range routes {
		if err := p.Publish(ctx, to(topology.RouteQueue(route), m)); err != nil {
			return err
		}
	}
	return nil
}

// Archive publishes a message to the archive, as one that goes to these routes.
func Archive(ctx context.Context, p Publisher, m *event.Message, routes ...string) error {
	return p.Publish(ctx, to(topology.Archive, Archived(m, routes...)))
}

// Accept publishes a message to the archive and to each of the routes' queues.
func Accept(ctx context.Context, p Publisher, m *event.Message, routes ...string) error {
	if err := Archive(ctx, p, m, routes...); err != nil {
		return err
	}
	return Route(ctx, p, m, routes...)
}

// Archived returns the message as the archive keeps it: with the routes that the event was
// published to.
func Archived(m *event.Message, routes ...string) *event.Message {
	out := *m
	out.Headers = make(map[string]any, len(m.Headers)+1)
	maps.Copy(out.Headers, m.Headers)
	out.Headers[event.HeaderRoutes] = strings.Join(routes, ",")
	return &out
}

func to(queue string, m *event.Message) amqpx.Publication {
	return amqpx.Publication{Exchange: topology.Routes, Key: queue, Message: m}
}
