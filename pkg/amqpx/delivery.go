package amqpx

import (
	"fmt"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/event"
)

// Delivery is one message that came from a queue. It is settled exactly once, by Ack,
// Requeue, Release or Reject, from any goroutine and at any time. Settling takes at
// most Config.WriteTimeout.
//
// A second settlement is ErrSettled and does nothing. After the channel is lost,
// settling is ErrChannelLost and harmless: the message comes again.
type Delivery struct {
	Message       *event.Message // without the broker's own headers
	Exchange, Key string         // where it was last published, or dead-lettered, to
	Redelivered   bool
	Returns       int    // how often it came back to this quorum queue (x-delivery-count)
	Offset        int64  // its place in a stream (x-stream-offset); -1 from a queue
	Death         string // why the broker last dead-lettered it: expired, delivery_limit, rejected, maxlen; or nothing

	tag     uint64
	channel *amqp.Channel
	acks    *acks
	settled atomic.Bool
}

func newDelivery(d *amqp.Delivery, e *epoch) *Delivery {
	out := &Delivery{
		Message:     toMessage(d),
		Exchange:    d.Exchange,
		Key:         d.RoutingKey,
		Redelivered: d.Redelivered,
		Offset:      -1,
		Death:       death(d.Headers),
		tag:         d.DeliveryTag,
		channel:     e.channel,
		acks:        e.acks,
	}
	if n, ok := d.Headers[headerReturns].(int64); ok {
		out.Returns = int(n)
	}
	if n, ok := d.Headers[headerOffset].(int64); ok {
		out.Offset = n
	}
	return out
}

// death reads the newest entry of x-death.
func death(headers amqp.Table) string {
	list, _ := headers[headerDeath].([]any)
	if len(list) == 0 {
		return ""
	}
	newest, _ := list[0].(amqp.Table)
	reason, _ := newest["reason"].(string)
	return reason
}

// Ack removes the message from its queue. On a stream it makes room for the next one. The
// broker is told within milliseconds, together with others.
func (d *Delivery) Ack() error {
	return d.settle("ack", func() error { return d.acks.ack(d.tag) })
}

// Requeue puts the message back and counts that against the queue's delivery limit.
func (d *Delivery) Requeue() error {
	return d.settle("requeue", d.alone(func() error { return d.channel.Reject(d.tag, true) }))
}

// Release puts the message back without blaming it: from RabbitMQ 4.3 on it does not
// count against the delivery limit. Before that it does.
func (d *Delivery) Release() error {
	return d.settle("release", d.alone(func() error { return d.channel.Nack(d.tag, false, true) }))
}

// Reject makes the message a dead letter, where the queue has a dead-letter exchange;
// elsewhere it is gone.
func (d *Delivery) Reject() error {
	return d.settle("reject", d.alone(func() error { return d.channel.Reject(d.tag, false) }))
}

// Lost reports whether it cannot be settled any more, as its channel is lost. It comes again.
func (d *Delivery) Lost() bool { return d.channel.IsClosed() }

// alone settles it at once, and lets the acknowledgements of others know.
func (d *Delivery) alone(send func() error) func() error {
	return func() error {
		defer d.acks.other(d.tag)
		return send()
	}
}

func (d *Delivery) settle(what string, send func() error) error {
	if d.settled.Swap(true) {
		return fmt.Errorf("%s: %w", what, ErrSettled)
	}
	if err := send(); err != nil {
		return fmt.Errorf("%s: %w: %w", what, ErrChannelLost, err)
	}
	return nil
}
