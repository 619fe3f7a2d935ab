package event

import "time"

// Event is one accepted request on its way to the destinations.
// It is not changed after it was made, so it can be shared between goroutines.
type Event struct {
	ID         string    // UUIDv7; see NewID
	Source     string    // the source's name in the configuration
	Type       string    // what happened, cleaned by CleanType; part of the routing key
	ProviderID string    // the provider's own id of the event; empty when it has none
	ReceivedAt time.Time // when it was accepted; travels with millisecond precision
	Attempt    int       // which try this is, from 1; zero counts as 1
	Request    Request   // the request as it arrived
	Body       []byte    // the raw body, never decoded
	Trace      Trace     // the trace that the event belongs to; may be empty
	Replay     Replay    // of an event on a further round; else empty
	Recovered  string    // how the event was recovered that its sender could not deliver, such as RecoveredByAPI; else empty
}

// RecoveredByAPI marks an event that was fetched from its provider's API. It was not signed.
const RecoveredByAPI = "api"

// Replay is a further round of an event: an operator replays it, or its sender sends it
// again. The event is the same one. It keeps its id, by which a receiver recognises it.
type Replay struct {
	ID string    // of the round; empty on the first one
	At time.Time // when the round began; travels with millisecond precision
}

// Began is when the delivery of the event began: its acceptance, or its last replay. Its
// age is counted from then.
func (e *Event) Began() time.Time {
	if e.Replay.At.After(e.ReceivedAt) {
		return e.Replay.At
	}
	return e.ReceivedAt
}

// Request is what is kept of the HTTP request besides its body.
type Request struct {
	Method     string  // POST, but for a few providers
	Path       string  // as sent, still escaped
	Query      string  // the raw query, without the question mark
	RemoteAddr string  // the sender's address, without the port
	Header     []Field // every field line; lines of one name keep their order
}

// Field is one HTTP header field line.
type Field struct{ Name, Value string }

// Trace is a W3C trace context (https://www.w3.org/TR/trace-context/).
type Trace struct{ Parent, State string }

// Get returns the first value of the header field with that name, whatever its
// case, or nothing.
func (r Request) Get(name string) string {
	for _, f := range r.Header {
		if equalFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// ContentType returns the Content-Type that the sender gave, or nothing.
func (r Request) ContentType() string { return r.Get("Content-Type") }
