// Package retry decides when an event is tried again, and when not any more.
//
// It is pure: it reads no clock, sleeps nowhere and keeps nothing. The caller
// says what happened and gets a [Decision]:
//
//	d := policy.Next(retry.Failure{Attempt: 3, Age: time.Since(receivedAt)}, rand.Float64)
//	if d.GiveUp {
//		// dead letter, because of d.Reason
//	}
//	// else try again after d.Delay
//
// The delay grows by the policy's factor from attempt to attempt, is spread by its
// jitter, and ends at its maximum. Within the jitter it is a number of seconds with two
// significant bits, because the broker has a delay level for each of these: the event
// waits in one queue, once. A jitter of a fifth always has room for one, except at the
// maximum. Where it has none, the delay is rounded down to at most three bits that are set,
// which makes it at most 12.5 % shorter, and waits in up to three levels.
//
// A policy with a schedule waits as it says instead, to the second, or within its jitter.
//
// A wait that the destination asked for (Retry-After, RFC 9110 section 10.2.3) is kept
// to the second, since trying any earlier would be useless. [ParseAfter] reads both of its
// forms.
package retry
