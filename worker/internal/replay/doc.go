// Package replay works on jobs: it delivers events once more, and discards dead letters.
//
//	runner := replay.New(replay.Options{Store: s, Consumer: consumer, Publisher: publisher, Recorder: emitter, …})
//	runner.Run(ctx) // while this tracker is the active one
//
// Jobs are in the store, with how far each has come. Whoever runs goes on where the one
// before left off, however that ended.
//
// # Nothing is lost
//
// What is done to one delivery is always done in this order, and each step is confirmed
// by the broker before the next begins:
//
//  1. The record `replayed`, or `discarded`, goes to the status stream. It comes first:
//     otherwise the record of the delivery could overtake it.
//  2. A replayed event is published to its route alone, by the name of its queue.
//  3. A dead letter is acknowledged, and so leaves its queue.
//
// A crash in between leaves the dead letter where it was, or the job's place in the
// archive behind the event. The job then does it again: at worst an event is delivered
// twice.
//
// # From where
//
// A dead letter is taken from its queue, because the archive may not hold the event any
// more. A queue has no access by id. So a sweep consumes all of it, settles what the job
// wants, and closes its channel: everything else is where it was, in its old order. One
// sweep at a time goes through a queue.
//
// Other events are found in the store and read from the archive, page by page. That comes
// first.
//
// # What waits
//
// An event that waits is cancelled by a tombstone (package tombstone), a page at a time:
//
//  1. Its round is withheld. All deliverers have to confirm that they know it, and that they
//     attempt it no more. Until then the job waits.
//  2. The record `cancelled` goes to the status stream, and the store decides: the round ends if
//     the event is still in flight on it, and the tombstone lasts. Otherwise it is lifted.
//  3. Deliverers drop the event when it surfaces.
//
// To retry it now is to replay it from the archive after that. A job that ends before step 2
// lets its events go on.
//
// # What does not run in circles
//
// A replayed event carries the id of its replay from then on. A job leaves alone what it
// has replayed itself, also when that becomes a dead letter again.
package replay
