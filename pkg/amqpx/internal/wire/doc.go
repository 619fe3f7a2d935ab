// Package wire writes and reads the few AMQP 0-9-1 frames that publishing with confirms
// is made of (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2, and
// https://www.rabbitmq.com/docs/confirms): basic.publish with its content out, and
// basic.ack, basic.nack and basic.return in.
//
// The client library keeps the connection: its handshake, heartbeats, channels and
// errors. It also could publish, but allocates some forty times for each message, which
// is more than all the rest of an event costs.
//
//	pending = wire.AppendConfirmSelect(pending, channel)
//	pending = wire.AppendPublish(pending, channel, frameSize, &wire.Publish{Key: "work", Message: m})
//
// A [Scanner] follows what the broker sends, read by read:
//
//	scanner.Scan(bytes, func(f wire.Frame) {
//		if answer, ok := f.Answer(); ok { … }
//	})
package wire
