package topology

import (
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// ObsoleteQueues returns those of the queues that belong to routes, or to partitions of
// routes, which the plan does not have, and a quarantine that it does not have. They may
// still hold something.
func (p Plan) ObsoleteQueues(queues []string) []string {
	var obsolete []string
	for _, q := range queues {
		if route, ok := RouteOf(q); ok && !p.has(route, q) {
			obsolete = append(obsolete, q)
		}
		if q == Quarantine && !p.Quarantine {
			obsolete = append(obsolete, q)
		}
	}
	return obsolete
}

// has tells whether the plan has the route, and the partition if the queue is of one.
func (p Plan) has(route, queue string) bool {
	at := slices.IndexFunc(p.Routes, func(r Route) bool { return r.Name == route })
	if at < 0 {
		return false
	}
	_, partition, ok := PartitionOf(queue)
	return !ok || partition < p.Routes[at].Partitions
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
