package topology

import (
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// The roles in which a process, or a command, uses the broker.
const (
	RoleGateway   = "gateway"
	RoleDeliverer = "deliverer"
	RoleTracker   = "tracker"
	RoleTopology  = "topology" // who declares: the gateway and the deliverer, unless they only check
)

// Roles are all of them.
func Roles() []string { return []string{RoleGateway, RoleDeliverer, RoleTracker, RoleTopology} }

// defaultExchange is how RabbitMQ's permissions name the exchange through which status
// records reach their stream.
const defaultExchange = "amq.default"

// anyPeer is the name of some deliverer's queue.
const anyPeer = peerPrefix + "any"

// Rights returns what the broker user of a role has to be allowed. It does not know the
// exchanges of others that destinations publish to. An unknown role needs nothing.
func (p Plan) Rights(role string) []amqpx.Right {
	switch role {
	case RoleGateway:
		return p.gatewayRights()
	case RoleDeliverer:
		return p.delivererRights()
	case RoleTracker:
		return p.trackerRights()
	case RoleTopology:
		return p.topologyRights()
	default:
		return nil
	}
}

// gatewayRights have the default exchange only for a quarantine, whose stream is reached
// through it.
func (p Plan) gatewayRights() []amqpx.Right {
	rights := []amqpx.Right{
		{Kind: amqpx.Write, Name: Routes}, {Kind: amqpx.Write, Name: Unrouted}, {Kind: amqpx.Write, Name: Refused},
	}
	if p.Exchange {
		rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: Events})
	}
	if p.Quarantine {
		rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: defaultExchange})
	}
	if p.Recovers {
		rights = append(rights, amqpx.Right{Kind: amqpx.Read, Name: Recovered})
	}
	return rights
}

func (p Plan) delivererRights() []amqpx.Right {
	rights := []amqpx.Right{
		{Kind: amqpx.Write, Name: Routes}, {Kind: amqpx.Write, Name: Delay}, {Kind: amqpx.Write, Name: Orphan},
		{Kind: amqpx.Write, Name: Dead}, {Kind: amqpx.Write, Name: defaultExchange},
		{Kind: amqpx.Read, Name: Control}, {Kind: amqpx.Read, Name: Return},
		{Kind: amqpx.Write, Name: Peers}, {Kind: amqpx.Read, Name: Peers},
		{Kind: amqpx.Configure, Name: anyPeer}, {Kind: amqpx.Write, Name: anyPeer}, {Kind: amqpx.Read, Name: anyPeer},
	}
	if p.Archive && !p.NoStreams {
		rights = append(rights, amqpx.Right{Kind: amqpx.Read, Name: DeferredArchive})
	}
	for _, q := range p.Topology().Queues {
		if _, ok := RouteOf(q.Name); ok && !strings.HasPrefix(q.Name, deadPrefix) {
			rights = append(rights, amqpx.Right{Kind: amqpx.Read, Name: q.Name})
		}
	}
	return rights
}

// trackerRights have some right on each queue that the tracker asks about: RabbitMQ answers
// nothing else since 4.2.6. To write to a queue's name is the least of them.
func (p Plan) trackerRights() []amqpx.Right {
	rights := []amqpx.Right{
		{Kind: amqpx.Read, Name: Status}, {Kind: amqpx.Read, Name: Reports},
		{Kind: amqpx.Write, Name: Routes}, {Kind: amqpx.Write, Name: Delay}, {Kind: amqpx.Write, Name: defaultExchange},
		{Kind: amqpx.Read, Name: Canary}, {Kind: amqpx.Read, Name: Orphan}, {Kind: amqpx.Read, Name: Unrouted},
		{Kind: amqpx.Write, Name: Return},
	}
	for _, q := range p.Topology().Queues {
		_, routes := RouteOf(q.Name)
		if _, waits := LevelOf(q.Name); waits || routes && !strings.HasPrefix(q.Name, deadPrefix) {
			rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: q.Name})
		}
	}
	if p.Archive && !p.NoStreams {
		rights = append(rights, amqpx.Right{Kind: amqpx.Read, Name: Archive})
	}
	if p.Quarantine && !p.NoStreams {
		rights = append(rights, p.rescueRights()...)
	}
	for _, r := range p.Routes {
		rights = append(rights, amqpx.Right{Kind: amqpx.Read, Name: DeadQueue(r.Name)})
	}
	return rights
}

// rescueRights are those to read the quarantine, and to publish what is released from it as a
// gateway does.
func (p Plan) rescueRights() []amqpx.Right {
	rights := []amqpx.Right{{Kind: amqpx.Read, Name: Quarantine}}
	if !p.Archive {
		rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: Unrouted})
	}
	if p.Exchange {
		rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: Events})
	}
	return rights
}

// topologyRights are all of them on everything: to bind needs the others too, and so
// does a dead-letter exchange.
func (p Plan) topologyRights() []amqpx.Right {
	var rights []amqpx.Right
	seen := map[string]bool{}
	all := func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, kind := range []string{amqpx.Configure, amqpx.Write, amqpx.Read} {
			rights = append(rights, amqpx.Right{Kind: kind, Name: name})
		}
	}
	t := p.Topology()
	for _, e := range t.Exchanges {
		all(e.Name)
	}
	for _, q := range t.Queues {
		all(q.Name)
	}
	return rights
}
