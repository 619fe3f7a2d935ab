package amqpx

// Topology is a set of exchanges, queues and bindings. All of them are durable, and
// none is exclusive or deletes itself.
type Topology struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
}

// Exchange is an exchange of a kind: topic, direct, fanout or headers.
type Exchange struct {
	Name, Kind string
	Args       map[string]any
}

// Queue is a queue or a stream; its argument x-queue-type says which.
type Queue struct {
	Name string
	Args map[string]any

	// Advice says what to do when the queue exists with another value of an argument, by
	// the argument's name. It may be nil.
	Advice map[string]string

	// With is another queue of the topology, before this one, without which this one is
	// not made. It may be empty.
	With string
}

// Binding carries messages from the exchange Source to a queue or, when Queue is
// empty, to an exchange.
type Binding struct{ Source, Key, Queue, Exchange string }
