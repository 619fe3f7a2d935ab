package topology

import (
	"fmt"
	"strings"
)

// The fixed names.
const (
	Events   = "penstock.events"   // topic exchange: the gateway publishes here, by EventKey
	Archive  = "penstock.archive"  // stream: every accepted event
	Unrouted = "penstock.unrouted" // fanout exchange and quorum queue: what Events routed nowhere
	Ready    = "penstock.ready"    // topic exchange: what has waited, on its way back to its route
	Orphan   = "penstock.orphan"   // fanout exchange and quorum queue: what Ready routed nowhere
	Dead     = "penstock.dead"     // direct exchange: dead letters, by the route's name
	Status   = "penstock.status"   // stream: status records
)

const (
	routePrefix = "penstock.route."
	deadPrefix  = "penstock.dead."
)

// RouteQueue names the quorum queue that holds a route's work.
func RouteQueue(route string) string { return routePrefix + route }

// DeadQueue names the quorum queue that keeps a route's dead letters.
func DeadQueue(route string) string { return deadPrefix + route }

// RouteOf returns the route that a work queue or dead-letter queue belongs to, and
// whether the queue is one.
func RouteOf(queue string) (string, bool) {
	if route, ok := strings.CutPrefix(queue, routePrefix); ok {
		return route, true
	}
	return strings.CutPrefix(queue, deadPrefix)
}

// EventKey is the routing key of an event on Events: the source and the type, which
// itself may hold dots.
func EventKey(source, typ string) string { return source + "." + typ }

// DelayQueue names the exchange and the queue of one bit of a delay; bit 0 is 1 s.
func DelayQueue(bit int) string { return fmt.Sprintf("penstock.delay.%02d", bit) }
