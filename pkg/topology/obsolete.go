package topology

import (
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// ObsoleteQueues returns those of the queues that belong to routes which the plan does
// not have: work queues and dead-letter queues. They may still hold events.
func (p Plan) ObsoleteQueues(queues []string) []string {
	var obsolete []string
	for _, q := range queues {
		if route, ok := RouteOf(q); ok && !slices.ContainsFunc(p.Routes, func(r Route) bool { return r.Name == route }) {
			obsolete = append(obsolete, q)
		}
	}
	return obsolete
}

// ObsoleteBindings returns those of the bindings that carry events to a queue of ours
// although the plan does not have them. A route that was narrowed still gets what it
// got before until they are gone: declaring only adds. Queues of others are left alone.
func (p Plan) ObsoleteBindings(bindings []amqpx.Binding) []amqpx.Binding {
	wanted := p.Topology().Bindings
	var obsolete []amqpx.Binding
	for _, b := range bindings {
		ours := b.Queue == Archive || strings.HasPrefix(b.Queue, routePrefix)
		if b.Source == Events && ours && !slices.Contains(wanted, b) {
			obsolete = append(obsolete, b)
		}
	}
	return obsolete
}
