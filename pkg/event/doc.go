// Package event is the envelope of everything that Penstock carries, and its
// one codec.
//
// An [Event] is one accepted request. [Encode] turns it into a [Message]: the
// properties, headers and body that travel through RabbitMQ. [Decode] turns a
// Message back. The pair is lossless for everything that a receiver needs to
// check the provider's signature again: the raw body, byte for byte, and the
// header fields with their values and repetition.
//
// The format is versioned by the header penstock-format, now 1, so that a team
// can consume a route's queue directly, in any language:
//
//	message_id        the event's id, a UUIDv7 (RFC 9562)
//	type              the event's type, at most 255 bytes
//	timestamp         when it was accepted, in seconds
//	content_type      as received, when it fits 255 bytes
//	content_encoding  zstd (RFC 8878) when the body travels compressed
//	penstock-*        see the Header constants
//
// A Message knows no client library: package amqpx maps it to one.
package event
