// Package track turns the two streams of an installation into a store that can be
// searched: penstock.archive, which says what was accepted, and penstock.status, which
// says what became of it.
//
//	tracker, err := track.New(track.Options{Store: s, Consumer: consumer, Archive: true, …})
//	tracker.Configure(bindings) // and again whenever the configuration changes
//	tracker.Run(ctx)            // until ctx is done
//
// # One writes
//
// Any number of trackers may run. One of them holds the store's lock and writes; the
// others wait, and one takes over within seconds when it is gone. The lock only avoids
// wasted work: the store itself refuses a batch that does not begin where the last one
// ended.
//
// # Exactly once
//
// A batch is stored in one transaction with the positions that it leads to. A position
// names the last entry besides its offset. A reader that resumes asks for that entry
// first, and so notices when it is gone, because the stream was truncated, or is
// another one, because the stream was deleted and declared anew. Both are recorded as a
// gap, and reading goes on with what there is.
//
// # Which routes an event goes to
//
// The tracker matches each event's key with the routes' bindings as the broker does, so
// that it knows what is to be delivered before anything happens to it. Events from
// before a route was there are not expected on it.
package track
