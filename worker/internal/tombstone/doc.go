// Package tombstone keeps deliverers from attempting events whose rounds an operator ends while
// they wait. What waits in a queue of the broker cannot be taken out of it: it is recognised and
// acknowledged when it surfaces.
//
// A tombstone names a [consume.Round]. It comes to deliverers in the commands of trackers
// (package control), by its [Mark]. First the event is withheld: a deliverer that gets it hands
// it back. When all deliverers have reported that they know the tombstone and attempt the event
// no more, the tracker decides (package replay): the event is dropped from then on, or it goes on.
//
//	var set tombstone.Set
//	set.Replace(command.Withheld, command.Dropped, time.Now())
//	options.Tombstones = &set // of the routes (package consume)
//	report.Attempted = set.Attempted()
package tombstone
