package event

import "time"

// Message is what travels through RabbitMQ: AMQP 0-9-1 basic properties, headers
// and a body, without a client library's types. Every message is persistent.
type Message struct {
	ID              string
	Type            string
	AppID           string
	ContentType     string
	ContentEncoding string
	Timestamp       time.Time
	Headers         map[string]any // string, bool, int64 and nothing deeper: streams on RabbitMQ 3.10 drop tables and arrays
	Body            []byte
}

// AppID marks the messages that Penstock publishes.
const AppID = "penstock"

// Format is the version of the message format that Encode writes.
const Format = 1

// The headers of a message.
const (
	HeaderFormat     = "penstock-format"      // int: the version of this format
	HeaderSource     = "penstock-source"      // the source's name
	HeaderProviderID = "penstock-provider-id" // the provider's own id of the event
	HeaderAttempt    = "penstock-attempt"     // int: which try this is, from 1
	HeaderReceivedAt = "penstock-received-at" // int: milliseconds since the epoch
	HeaderRequest    = "penstock-request"     // JSON: see the message format's documentation
	HeaderRoutes     = "penstock-routes"      // in the archive: the routes that the event was published to, with commas between
	HeaderDeadWaits  = "penstock-dead-waits"  // bool: a dead letter that its queue refused, on its way back to it
	HeaderTrace      = "traceparent"
	HeaderTraceState = "tracestate"

	// Set on a copy of an untried event, until its next attempt has ended.

	HeaderReturns = "penstock-returns" // int: how often it came back to its queue before it was copied

	// Set on a message that waits in a delay level.

	HeaderReturnTo = "penstock-return-to" // the queue that it goes to then
	HeaderDue      = "penstock-due"       // int: when, in milliseconds since the epoch

	// Set on an event on a further round, and kept from then on.

	HeaderReplay     = "penstock-replay"      // the id of the replay
	HeaderReplayedAt = "penstock-replayed-at" // int: milliseconds since the epoch

	// Set on an event that was recovered, and kept from then on.

	HeaderRecovered = "penstock-recovered" // how: api

	// Set on a dead letter only.

	HeaderRoute      = "penstock-route"       // the route that gave up
	HeaderReason     = "penstock-reason"      // why, a fault.Reason
	HeaderLastReason = "penstock-last-reason" // why the last attempt failed, when attempts or age ran out
	HeaderStatus     = "penstock-status"      // int: the last HTTP status, when there was one
	HeaderError      = "penstock-error"       // the last failure in one line: how the destination's answer begins, or the error in words
	HeaderDeadAt     = "penstock-dead-at"     // int: milliseconds since the epoch
)

// Int returns the header's integer, whatever width the broker gave it, or zero.
func (m *Message) Int(header string) int64 {
	switch v := m.Headers[header].(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case int8:
		return int64(v)
	case int:
		return int64(v)
	default:
		return 0
	}
}

// Text returns the header's string, or nothing.
func (m *Message) Text(header string) string {
	switch v := m.Headers[header].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	default:
		return ""
	}
}
