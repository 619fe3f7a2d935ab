// Package amqpx is Penstock's AMQP 0-9-1 client layer for RabbitMQ 3.10 to 4.3,
// and the only user of the client library. It promises three things: nothing is
// called published that the broker does not hold, no call outlives its context,
// and every connection comes back by itself.
//
// # Publishing
//
// A [Publisher] keeps a few supervised connections. Publish returns nil only for a
// persistent message that RabbitMQ confirmed and did not return:
//
//	publisher := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, log)
//	defer publisher.Close(ctx)
//	err := publisher.Publish(ctx, amqpx.Publication{Exchange: "penstock.events", Key: "github.push", Message: m})
//	switch {
//	case err == nil:                            // durable
//	case errors.Is(err, amqpx.ErrUnavailable):  // certainly not there: no broker, or it is blocked
//	case errors.Is(err, amqpx.ErrUnknown):      // may or may not be there: publish again, accept a duplicate
//	case errors.Is(err, amqpx.ErrReturned):     // no queue took it
//	case errors.Is(err, amqpx.ErrNacked):       // a queue refused it: full
//	case errors.Is(err, amqpx.ErrInvalid):      // it can never be published
//	}
//
// # Consuming
//
// A [Consumer] is one supervised connection with any number of subscriptions, each
// on a channel of its own. A [Subscriber] resubscribes for ever, can be paused, and
// drains when its context ends:
//
//	consumer := amqpx.NewConsumer(cfg, log)
//	defer consumer.Close(ctx)
//	err := consumer.Subscribe(amqpx.Subscription{Queue: "penstock.route.invoices", Prefetch: 16, Handle: handle}).Run(ctx)
//
// The handler settles each [Delivery] exactly once, after what came of it is safe.
// A delivery whose channel is gone cannot be settled any more: Ack returns an error,
// and the broker delivers the message again.
//
// # Topology
//
// [Declare] makes exchanges, queues and bindings; [Check] only looks. Both report an
// object that exists with other arguments as a [MismatchError], which no retry mends.
package amqpx
