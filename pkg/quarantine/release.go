package quarantine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

// Releaser publishes what was verified, as a gateway does that accepts it: to each route that takes
// it, and to the archive. It is safe for concurrent use.
type Releaser struct {
	Config    *config.Config
	Publisher *amqpx.Publisher
	Archive   bool // whether there is an archive
}

// Release publishes the event that a Judge made of an entry, and then the note that the entry is
// released. It returns when the broker has both. When it fails halfway, a second release makes
// duplicates of the first half.
func (r *Releaser) Release(ctx context.Context, e *event.Event) error {
	if err := r.accept(ctx, e); err != nil {
		return fmt.Errorf("publish event %s: %w", e.ID, err)
	}
	if err := r.publish(ctx, "", topology.Quarantine, Released(e.ID, time.Now())); err != nil {
		return fmt.Errorf("note that event %s is released: %w", e.ID, err)
	}
	return nil
}

// accept publishes the event everywhere where an accepted event is.
func (r *Releaser) accept(ctx context.Context, e *event.Event) error {
	m, err := event.Encode(e)
	if err != nil {
		return fmt.Errorf("encode it: %w", err)
	}
	routes := routing.For(r.Config).Match(e.Source, e.Type)
	for _, route := range routes {
		deferred := topology.DeferredQueue(route)
		if r.Config.Routes[route].Partitions() > 0 {
			deferred = ""
		}
		if err := r.publishDeferring(ctx, m, topology.RouteQueue(route), deferred); err != nil {
			return fmt.Errorf("route %s: %w", route, err)
		}
	}
	return errors.Join(r.archive(ctx, m, routes), r.publishToOthers(ctx, e, m))
}

// publishDeferring publishes to a queue, and to the deferred one if that does not take it.
func (r *Releaser) publishDeferring(ctx context.Context, m *event.Message, queue, deferred string) error {
	err := r.publish(ctx, topology.Routes, queue, m)
	refused := errors.Is(err, amqpx.ErrNacked) || errors.Is(err, amqpx.ErrReturned)
	if !refused || deferred == "" {
		return err
	}
	return r.publish(ctx, topology.Routes, deferred, m)
}

// archive publishes to the archive. Without one, it keeps the events that no route takes.
func (r *Releaser) archive(ctx context.Context, m *event.Message, routes []string) error {
	if !r.Archive {
		if len(routes) > 0 {
			return nil
		}
		return r.publish(ctx, topology.Unrouted, topology.EventKey(m.Text(event.HeaderSource), m.Type), m)
	}
	archived := *m
	archived.Headers = maps.Clone(m.Headers)
	archived.Headers[event.HeaderRoutes] = strings.Join(routes, ",")
	return r.publishDeferring(ctx, &archived, topology.Archive, topology.DeferredArchive)
}

// publishToOthers publishes to the exchange for queues of other programs, where the configuration
// has one. A queue there that refuses the event stops nothing.
func (r *Releaser) publishToOthers(ctx context.Context, e *event.Event, m *event.Message) error {
	if !r.Config.Exchange {
		return nil
	}
	err := r.publish(ctx, topology.Events, topology.EventKey(e.Source, e.Type), m)
	if errors.Is(err, amqpx.ErrNacked) || errors.Is(err, amqpx.ErrReturned) {
		return nil
	}
	return err
}

func (r *Releaser) publish(ctx context.Context, exchange, key string, m *event.Message) error {
	return r.Publisher.Publish(ctx, amqpx.Publication{Exchange: exchange, Key: key, Message: m})
}
