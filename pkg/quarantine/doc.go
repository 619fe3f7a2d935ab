// Package quarantine is what a gateway keeps of the requests that failed verification,
// of sources that want it: in the stream penstock.quarantine, of bounded age and size,
// for an operator to look at. No worker reads it, and nothing in it counts as an event:
// anybody can have sent it.
//
// The gateway appends what [Refused] makes. A reader goes through it from the oldest:
//
//	err := quarantine.Walk(ctx, consumer, func(e *quarantine.Entry) error { … })
//
// and decides about each with [Judge.Verify], as the gateway would have with today's
// configuration, at the time when the request came. What verifies can be published with
// the [Judge.Event] that the gateway would have made. Then [Released] is appended, so
// that the next reader leaves it alone.
package quarantine
