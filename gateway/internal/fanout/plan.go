package fanout

import (
	"maps"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

// Plan says where events go.
type Plan struct {
	Routes   *routing.Table
	Ordered  map[string]bool  // the routes that have no deferred queue
	Cut      map[string]error // the routes that no event reaches, as the broker refuses their queues
	Archive  bool
	Exchange bool // publish to topology.Events too
}

// target is a place that a copy goes to.
type target struct {
	queue    string // its name, or that of an exchange
	deferred string // the queue that takes its copies while it does not; may be empty
	exchange string
	key      string
	free     bool // nothing waits for it: queues of others, which must not hold up ours
}

func byName(queue, deferred string) target {
	return target{queue: queue, deferred: deferred, exchange: topology.Routes, key: queue}
}

// targets returns where an event goes, and the routes among them.
func (p *Plan) targets(e *Event) (all []target, routes []string) {
	for _, route := range p.Routes.Match(e.Source, e.Type) {
		if p.Archive && p.Cut[route] != nil {
			continue // the archive keeps the event, and a replay brings it to the route
		}
		routes = append(routes, route)
		deferred := topology.DeferredQueue(route)
		if p.Ordered[route] {
			deferred = ""
		}
		all = append(all, byName(topology.RouteQueue(route), deferred))
	}
	switch {
	case p.Archive:
		all = append(all, byName(topology.Archive, topology.DeferredArchive))
	case len(all) == 0:
		all = append(all, target{queue: topology.Unrouted, exchange: topology.Unrouted, key: topology.EventKey(e.Source, e.Type)})
	}
	if p.Exchange {
		all = append(all, target{
			queue: topology.Events, exchange: topology.Events, key: topology.EventKey(e.Source, e.Type), free: true,
		})
	}
	return slices.DeleteFunc(all, func(t target) bool { return slices.Contains(e.Done, t.queue) }), routes
}

// publication is the copy for a target, or for its deferred queue.
func (t *target) publication(m *event.Message, deferred bool) (queue string, p amqpx.Publication) {
	if deferred {
		return t.deferred, amqpx.Publication{Exchange: topology.Routes, Key: t.deferred, Message: m}
	}
	return t.queue, amqpx.Publication{Exchange: t.exchange, Key: t.key, Message: m}
}

// recorded is the message as the archive keeps it: it says which routes the event was
// published to.
func recorded(m *event.Message, routes []string) *event.Message {
	out := *m
	out.Headers = make(map[string]any, len(m.Headers)+1)
	maps.Copy(out.Headers, m.Headers)
	out.Headers[event.HeaderRoutes] = strings.Join(routes, ",")
	return &out
}
