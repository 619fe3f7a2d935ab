package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

// accept publishes an event as a gateway does that accepts it: to each route that takes it,
// and to the archive. When that fails halfway, a second replay makes duplicates of the first
// half.
func (r *releaser) accept(ctx context.Context, e *event.Event) error {
	m, err := event.Encode(e)
	if err != nil {
		return fmt.Errorf("encode it: %w", err)
	}
	routes := routing.For(r.config).Match(e.Source, e.Type)
	for _, route := range routes {
		deferred := topology.DeferredQueue(route)
		if r.config.Routes[route].Partitions() > 0 {
			deferred = ""
		}
		if err := r.bring(ctx, m, topology.RouteQueue(route), deferred); err != nil {
			return fmt.Errorf("route %s: %w", route, err)
		}
	}
	return errors.Join(r.keep(ctx, m, routes), r.show(ctx, e, m))
}

// bring publishes to a queue, and to the deferred one if that does not take it.
func (r *releaser) bring(ctx context.Context, m *event.Message, queue, deferred string) error {
	err := r.publish(ctx, topology.Routes, queue, m)
	refused := errors.Is(err, amqpx.ErrNacked) || errors.Is(err, amqpx.ErrReturned)
	if !refused || deferred == "" {
		return err
	}
	return r.publish(ctx, topology.Routes, deferred, m)
}

// keep publishes to the archive, or keeps what no route takes.
func (r *releaser) keep(ctx context.Context, m *event.Message, routes []string) error {
	if !r.archive {
		if len(routes) > 0 {
			return nil
		}
		return r.publish(ctx, topology.Unrouted, topology.EventKey(m.Text(event.HeaderSource), m.Type), m)
	}
	archived := *m
	archived.Headers = maps.Clone(m.Headers)
	archived.Headers[event.HeaderRoutes] = strings.Join(routes, ",")
	return r.bring(ctx, &archived, topology.Archive, topology.DeferredArchive)
}

// show publishes to the exchange for queues of others, where the configuration says so. A
// queue there that refuses the event stops nothing.
func (r *releaser) show(ctx context.Context, e *event.Event, m *event.Message) error {
	if !r.config.Exchange {
		return nil
	}
	err := r.publish(ctx, topology.Events, topology.EventKey(e.Source, e.Type), m)
	if errors.Is(err, amqpx.ErrNacked) || errors.Is(err, amqpx.ErrReturned) {
		return nil
	}
	return err
}
