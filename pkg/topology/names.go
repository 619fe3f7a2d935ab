package topology

import (
	"fmt"
	"strconv"
	"strings"
)

// The fixed names.
const (
	Routes   = "penstock.routes"   // direct exchange: the gateway publishes here, by the name of a queue
	Archive  = "penstock.archive"  // stream: every accepted event
	Unrouted = "penstock.unrouted" // fanout exchange and quorum queue: events that no route and no archive takes
	Events   = "penstock.events"   // topic exchange, by EventKey: for queues of others, where the configuration says so
	Delay    = "penstock.delay"    // direct exchange: what has to wait, by LevelQueue
	Return   = "penstock.return"   // quorum queue: what has waited, on its way back to its route
	Orphan   = "penstock.orphan"   // fanout exchange and quorum queue: what has waited, and has no route any more
	Dead     = "penstock.dead"     // direct exchange: dead letters, by the route's name
	Status   = "penstock.status"   // stream: status records

	// DeferredArchive is the quorum queue that takes what the archive does not.
	DeferredArchive = "penstock.archive.deferred"

	// Pulse is the quorum queue of one message by which a gateway finds out whether the broker
	// answers at all, when one queue does not.
	Pulse = "penstock.pulse"

	// Recovered is the quorum queue of events that a tracker fetched from their provider, for
	// gateways to accept.
	Recovered = "penstock.recovered"

	// Canary is the quorum queue that a tracker's canaries come to, when they have waited.
	Canary = "penstock.canary"

	// Peers is the fanout exchange on which deliverers say to each other which destinations with
	// limits they serve. Each hears it through a queue of its own, by PeerQueue.
	Peers = "penstock.peers"

	Quarantine = "penstock.quarantine" // stream: requests that failed verification, of sources that want it
)

const (
	routePrefix     = "penstock.route."
	deferredPrefix  = "penstock.deferred."
	deadPrefix      = "penstock.dead."
	partitionPrefix = "penstock.partition."
	parkedPrefix    = "penstock.parked."
	peerPrefix      = "penstock.peer."
)

// PeerQueue names the queue through which one deliverer hears the others. It belongs to the
// deliverer's connection and goes with it.
func PeerQueue(id string) string { return peerPrefix + id }

// RouteQueue names the quorum queue that holds a route's work.
func RouteQueue(route string) string { return routePrefix + route }

// DeferredQueue names the quorum queue that takes a route's events while the route's own
// queue does not.
func DeferredQueue(route string) string { return deferredPrefix + route }

// DeadQueue names the quorum queue that keeps a route's dead letters.
func DeadQueue(route string) string { return deadPrefix + route }

// PartitionQueue names the queue of one partition of an ordered route, from 0. It holds
// the events of all keys that belong there, in order.
func PartitionQueue(route string, partition int) string {
	return fmt.Sprintf("%s%s.%02d", partitionPrefix, route, partition)
}

// ParkedQueue names the queue in which a partition keeps the events of those keys whose
// first event waits for its next attempt.
func ParkedQueue(route string, partition int) string {
	return fmt.Sprintf("%s%s.%02d", parkedPrefix, route, partition)
}

// IsParked reports whether a queue is a parked queue.
func IsParked(queue string) bool { return strings.HasPrefix(queue, parkedPrefix) }

// RouteOf returns the route that a queue belongs to, and whether it belongs to one.
func RouteOf(queue string) (string, bool) {
	for _, prefix := range []string{routePrefix, deferredPrefix, deadPrefix} {
		if route, ok := strings.CutPrefix(queue, prefix); ok {
			return route, true
		}
	}
	route, _, ok := PartitionOf(queue)
	return route, ok
}

// PartitionOf returns the route and the number of the partition that a queue belongs to,
// and whether it is one of a partition's two queues.
func PartitionOf(queue string) (route string, partition int, ok bool) {
	rest, ok := strings.CutPrefix(queue, partitionPrefix)
	if !ok {
		rest, ok = strings.CutPrefix(queue, parkedPrefix)
	}
	at := strings.LastIndexByte(rest, '.')
	if !ok || at < 0 {
		return "", 0, false
	}
	partition, err := strconv.Atoi(rest[at+1:])
	return rest[:at], partition, err == nil && partition >= 0
}

// EventKey is the routing key of an event on Events: the source and the type, which
// itself may hold dots.
func EventKey(source, typ string) string { return source + "." + typ }
