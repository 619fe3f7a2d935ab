// Package ledger watches that no event gets lost: for each source and route,
//
//	accepted = delivered + filtered + discarded + cancelled + dead + in flight
//
// holds by the way the store counts. What could be wrong is the last term: an event may be
// in flight by its records, and nowhere by the broker. The ledger finds such events, and
// names them within a minute.
//
//	l, err := ledger.New(ledger.Options{Store: s, Broker: consumer, …})
//	l.Run(ctx)                       // in the active tracker
//	report, err := ledger.Read(ctx, s) // in any
//
// # How an event proves to be there
//
// A delivery in flight is in the queue of its route, in a delay level, on its way back from
// one, or in the hands of a
// worker. A worker that holds an event says so every ten seconds (package status). So an
// event that was not heard of for longer, and whose next attempt is not still to come, must
// be one of those that are ready in its queue. Every few seconds the ledger
//
//   - asks the broker how many messages are ready in the queues,
//   - publishes a record-less message to the status stream, and waits until the tracker has
//     stored it: then the store knows all that was recorded before,
//   - and counts, by the store, how many deliveries of each route have been silent.
//
// When more are silent than are ready, some are missing. Which ones is known when none is
// ready, and, while there is a backlog, when events have been handled that came later: a
// queue keeps their order. See sample.go and judge.go.
//
// One that waits in a delay level has to be in the level that its delay and the time that
// has passed amount to, or in a shorter one: delay.go.
//
// No judgement rests on one look: all those of the last half minute must agree.
//
// # What the broker did by itself
//
// The broker makes a dead letter of an event that was returned to it too often, and nobody
// records that. Before the ledger calls an event of the route missing, it looks for it among
// the dead letters, and records what it finds: dead.go.
package ledger
