// Package fault says how a failure is to be treated: whether trying again can
// help, how long to wait first, and which reason to count it under.
//
// An error says so by being wrapped:
//
//	return fault.Permanent(err)                  // never try again: dead letter
//	return fault.RetryAfter(err, time.Minute)    // try again, no earlier than this
//	return fault.Because(fault.ReasonTimeout, err)
//
// An error that is not wrapped is transient: it is retried after the route's
// backoff. The wrappers compose, and the outermost one wins.
package fault
