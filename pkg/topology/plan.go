package topology

import (
	"maps"

	"github.com/penstock/penstock/pkg/amqpx"
)

// DeliveryLimit is how often a message may be handed back to its route's queue
// before the broker makes it a dead letter. It is always set: unset it means no
// limit on RabbitMQ 3.10 and 20 on 4.
const DeliveryLimit = 20

// unlimited stands for no delivery limit on the queues that keep what must not be
// lost. It is set because RabbitMQ 4 drops a message there after 20 returns, and it
// is a number because 3.10 takes -1 for "after the first return".
const unlimited = 1_000_000_000

// topic is the kind of exchange that routes by patterns.
const topic = "topic"

// Route is what the topology has to know of a route.
type Route struct {
	Name string // one word: letters, digits and dashes

	// Partitions is how many an ordered route has. Zero: the route is not ordered.
	Partitions int
}

// Defers reports whether the route has a deferred queue. An ordered one has none: an event
// that waits there would be overtaken.
func (r Route) Defers() bool { return r.Partitions == 0 }

// Plan is what an installation needs in RabbitMQ.
type Plan struct {
	Routes          []Route
	StatusMaxAge    string // of the status records, as RabbitMQ writes it: 7D, 12h; empty means 7D
	StatusMaxBytes  int64  // zero means 2 GiB
	Exchange        bool   // publish every event to Events too, for queues of others
	Archive         bool   // keep every accepted event in a stream
	ArchiveMaxAge   string // as RabbitMQ writes it: 7D, 12h; empty means no limit
	ArchiveMaxBytes int64  // zero means no limit

	Recovers bool // events may be recovered: trackers hand them to gateways

	Quarantine         bool   // keep requests that failed verification in a stream
	QuarantineMaxAge   string // as ArchiveMaxAge
	QuarantineMaxBytes int64  // zero means no limit

	// NoStreams says that queues take the place of the streams that Penstock cannot do
	// without. There is no archive and no quarantine then, whatever the plan says of them.
	NoStreams bool

	// ByPolicy says that policies bound the streams, and not their arguments, which can
	// never be changed.
	ByPolicy bool
}

// quarantineSegment is the size of the files of the quarantine, in bytes. A stream drops
// whole files only, when it begins a new one: small ones let what is old go sooner.
const quarantineSegment = 10_000_000

// Topology returns what to declare, in an order in which everything exists before it
// is referred to by a binding. It is the same for the same plan.
func (p Plan) Topology() amqpx.Topology {
	t := base()
	t.Queues = append(t.Queues, amqpx.Queue{Name: Status, Args: p.bounded(Status)})
	addLevels(&t)
	t.Queues = append(t.Queues, p.controls()...)
	t.Bindings = append(t.Bindings, amqpx.Binding{Source: Refused, Queue: Reports})
	if p.Exchange {
		t.Exchanges = append(t.Exchanges, amqpx.Exchange{Name: Events, Kind: topic, Args: map[string]any{"alternate-exchange": Unrouted}})
	}
	if p.Archive && !p.NoStreams {
		p.addArchive(&t)
	}
	if p.Quarantine && !p.NoStreams {
		p.addQuarantine(&t)
	}
	if p.Recovers {
		t.Queues = append(t.Queues, amqpx.Queue{Name: Recovered, Args: keep()})
		t.Bindings = append(t.Bindings, byName(Recovered))
	}
	for _, r := range p.Routes {
		addRoute(&t, r)
	}
	return t
}

func base() amqpx.Topology {
	return amqpx.Topology{
		Exchanges: []amqpx.Exchange{
			{Name: Unrouted, Kind: "fanout"},
			{Name: Orphan, Kind: "fanout"},
			{Name: Routes, Kind: "direct"},
			{Name: Delay, Kind: "direct"},
			{Name: Dead, Kind: "direct"},
			{Name: Refused, Kind: "fanout"},
			{Name: Peers, Kind: "fanout"},
		},
		Queues: []amqpx.Queue{
			{Name: Unrouted, Args: keep()},
			{Name: Orphan, Args: keep()},
			{Name: Pulse, Args: newest(1)},
		},
		Bindings: []amqpx.Binding{
			{Source: Unrouted, Queue: Unrouted},
			{Source: Orphan, Queue: Orphan},
			byName(Pulse),
		},
	}
}

func (p Plan) addArchive(t *amqpx.Topology) {
	t.Queues = append(t.Queues,
		amqpx.Queue{Name: Archive, Args: p.bounded(Archive)},
		amqpx.Queue{Name: DeferredArchive, Args: keep()})
	t.Bindings = append(t.Bindings, byName(Archive), byName(DeferredArchive))
}

// addQuarantine adds the stream, which is published to by its name: no pattern of a
// route can reach it, and nothing in it can reach a route.
func (p Plan) addQuarantine(t *amqpx.Topology) {
	args := p.bounded(Quarantine)
	args["x-stream-max-segment-size-bytes"] = int64(quarantineSegment)
	t.Queues = append(t.Queues, amqpx.Queue{Name: Quarantine, Args: args})
}

// byName is the binding by which the gateway reaches a queue by its name.
func byName(queue string) amqpx.Binding {
	return amqpx.Binding{Source: Routes, Key: queue, Queue: queue}
}

func addRoute(t *amqpx.Topology, r Route) {
	work, dead := RouteQueue(r.Name), DeadQueue(r.Name)
	t.Queues = append(t.Queues,
		amqpx.Queue{Name: dead, Args: keep()},
		amqpx.Queue{Name: work, Args: r.work(), Advice: r.advice()})
	for i := range r.Partitions {
		t.Queues = append(t.Queues,
			amqpx.Queue{Name: PartitionQueue(r.Name, i), Args: ordered(unlimited), With: work},
			amqpx.Queue{Name: ParkedQueue(r.Name, i), Args: ordered(unlimited), With: work})
	}
	t.Bindings = append(t.Bindings,
		amqpx.Binding{Source: Dead, Key: r.Name, Queue: dead},
		byName(work))
	if r.Defers() {
		deferred := DeferredQueue(r.Name)
		t.Queues = append(t.Queues, amqpx.Queue{Name: deferred, Args: r.work()})
		t.Bindings = append(t.Bindings, byName(deferred))
	}
}

func keep() map[string]any {
	return quorum(map[string]any{"x-delivery-limit": int64(unlimited)})
}

// quorum returns the arguments of a queue that refuses what is too much for it. Without
// that word the broker drops the oldest events once somebody gives the queue a limit, by
// a policy that is none of ours.
func quorum(args map[string]any) map[string]any {
	all := map[string]any{"x-queue-type": "quorum", "x-overflow": "reject-publish"}
	maps.Copy(all, args)
	return all
}

func stream(maxAge string, maxBytes int64) map[string]any {
	args := map[string]any{"x-queue-type": "stream"}
	if maxAge != "" {
		args[argMaxAge] = maxAge
	}
	if maxBytes > 0 {
		args[argMaxBytes] = maxBytes
	}
	return args
}
