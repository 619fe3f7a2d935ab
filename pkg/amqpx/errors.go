package amqpx

import "errors"

// What Publish can answer besides nil. They are told apart with errors.Is.
var (
	// ErrUnavailable means that the message was not sent: there is no connection,
	// or the broker blocks publishers (connection.blocked), or every window stayed
	// full until the context ended, or the publisher is closed. Without a
	// connection and while blocked it is returned at once.
	ErrUnavailable = errors.New("amqpx: broker unavailable")

	// ErrReturned means that no queue took the message, though the broker confirmed it.
	ErrReturned = errors.New("amqpx: returned as unroutable")

	// ErrNacked means that the broker refused the message: a queue is full, or has
	// no leader.
	ErrNacked = errors.New("amqpx: refused by the broker")

	// ErrUnknown means that the message was sent, but no answer came before the
	// context ended or the connection broke. It may or may not be there.
	ErrUnknown = errors.New("amqpx: outcome unknown")

	// ErrInvalid means that the message can never be published: a name or a
	// property is too long, or headers or body are too large. Nothing was sent.
	ErrInvalid = errors.New("amqpx: message cannot be published")
)

// ErrNoQueue means, in what Ready of a Subscriber or Consumer returns, that the queue is
// not there. The subscription goes on trying; somebody has to declare the queue.
var ErrNoQueue = errors.New("amqpx: no such queue")

// What settling a delivery can answer besides nil.
var (
	// ErrSettled means that the delivery was settled before.
	ErrSettled = errors.New("amqpx: delivery already settled")

	// ErrChannelLost means that the channel that the delivery came on is gone: the
	// broker has put the message back, and delivers it again.
	ErrChannelLost = errors.New("amqpx: channel lost, the message will be delivered again")
)
