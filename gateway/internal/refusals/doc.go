// Package refusals counts the requests that a gateway refuses, by source and reason, and
// tells the trackers, whose API and console show it:
//
//	r := refusals.New(refusals.Options{Publisher: publisher, Log: log})
//	defer r.Close(ctx) // tells what is left
//
//	r.Count("github", "signature-mismatch")
//	r.Repeat(id) // of an event that was accepted before
//
// Counting never waits and takes no more room than there are sources and reasons. What the
// broker does not confirm is told again, with the same number, so that nobody counts it
// twice (package refusal).
package refusals
