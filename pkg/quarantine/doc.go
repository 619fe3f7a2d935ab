// Package quarantine is what a gateway keeps of the requests that failed verification,
// of sources that want it: in the stream penstock.quarantine, of bounded age and size,
// for an operator to look at. No worker reads it, and nothing in it counts as an event:
// anybody can have sent it.
//
// The gateway appends what [Refused] makes. A reader goes through it from the oldest entry:
//
//	err := quarantine.Walk(ctx, consumer, time.Time{}, func(e *quarantine.Entry) error { … })
//
// and decides about each with [Judge.Verify], as the gateway would have with today's
// configuration, at the time when the request came. [Diagnose] says why one does not verify. The
// event that the gateway would have made, [Judge.Event], is published with [Releaser.Release], which
// then appends the note [Released], so that the next reader leaves the entry alone. A [Review] does all of
// this for one entry after the other.
package quarantine
