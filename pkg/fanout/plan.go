package fanout

import (
	"maps"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// Matcher knows the routes. *routing.Table is one.
type Matcher interface {
	// Match returns the routes that take an event.
	Match(source, typ string) []string
	// Has reports whether there is such a route.
	Has(route string) bool
}

// anyRoute knows no route, and takes each queue for that of one: it is for who forwards
// messages alone.
type anyRoute struct{}

func (anyRoute) Match(string, string) []string { return nil }
func (anyRoute) Has(string) bool               { return true }

// Plan says where events go.
type Plan struct {
	Routes   Matcher
	Ordered  map[string]bool  // the routes that have no deferred queue
	Cut      map[string]error // the routes that no event reaches, as the broker refuses their queues
	Archive  bool
	Exchange bool // publish to topology.Events too
}

// target is a place that a copy goes to.
type target struct {
	route    string // whose queue it is; empty: of none
	queue    string // its name, or that of an exchange
	deferred string // the queue that takes its copies while it does not; may be empty
	exchange string
	key      string
	free     bool // nothing waits for it: queues of others, which must not hold up ours
}

func byName(route, queue, deferred string) target {
	return target{route: route, queue: queue, deferred: deferred, exchange: topology.Routes, key: queue}
}

// unrouted is the place of an event that has no other one.
func unrouted(e *Event) target {
	return target{queue: topology.Unrouted, exchange: topology.Unrouted, key: topology.EventKey(e.Source, e.Type)}
}

// has reports whether the event goes to the route.
func (p *Plan) has(e *Event, route string) bool {
	return slices.Contains(p.Routes.Match(e.Source, e.Type), route)
}

// targets returns where an event goes: first to its routes, whose names it returns, and then
// to the archive.
func (p *Plan) targets(e *Event) (steps [][]target, routes []string) {
	var first, then []target
	for _, route := range p.Routes.Match(e.Source, e.Type) {
		if p.Archive && p.Cut[route] != nil {
			continue // the archive keeps the event, and a replay brings it to the route
		}
		routes = append(routes, route)
		deferred := topology.DeferredQueue(route)
		if p.Ordered[route] {
			deferred = ""
		}
		first = append(first, byName(route, topology.RouteQueue(route), deferred))
	}
	switch {
	case p.Archive:
		then = append(then, byName("", topology.Archive, topology.DeferredArchive))
	case len(first) == 0:
		first = append(first, unrouted(e))
	}
	if p.Exchange {
		first = append(first, target{queue: topology.Events, exchange: topology.Events, key: topology.EventKey(e.Source, e.Type), free: true})
	}
	had := func(t target) bool { return slices.Contains(e.Done, t.queue) }
	for _, step := range [][]target{slices.DeleteFunc(first, had), slices.DeleteFunc(then, had)} {
		if len(step) > 0 {
			steps = append(steps, step)
		}
	}
	return steps, routes
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
