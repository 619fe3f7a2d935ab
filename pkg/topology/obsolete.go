package topology

import (
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
)

// ObsoleteQueues returns those of the queues that belong to routes, or to partitions of
// routes, which the plan does not have, a quarantine or a deferred archive that it does not
// have, and the levels of processes before version 1. They may still hold something.
func (p Plan) ObsoleteQueues(queues []string) []string {
	var obsolete []string
	for _, q := range queues {
		if route, ok := RouteOf(q); ok && !p.has(route, q) {
			obsolete = append(obsolete, q)
		}
		if q == Quarantine && !p.Quarantine || q == DeferredArchive && (!p.Archive || p.NoStreams) || IsBitLevel(q) {
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
	if queue == DeferredQueue(route) {
		return p.Routes[at].Defers()
	}
	_, partition, ok := PartitionOf(queue)
	return !ok || partition < p.Routes[at].Partitions
}

// ObsoleteBindings returns those of the bindings that lead to a queue of ours and that the
// plan does not have: by name to a queue of a route that is gone, and by a pattern on
// Events, through which gateways before version 1 reached routes and archive. Queues of
// others are left alone.
func (p Plan) ObsoleteBindings(bindings []amqpx.Binding) []amqpx.Binding {
	wanted := p.Topology().Bindings
	var obsolete []amqpx.Binding
	for _, b := range bindings {
		_, routes := RouteOf(b.Queue)
		ours := routes || b.Queue == Archive || b.Queue == DeferredArchive
		if (b.Source == Events || b.Source == Routes) && ours && !slices.Contains(wanted, b) {
			obsolete = append(obsolete, b)
		}
	}
	return obsolete
}
