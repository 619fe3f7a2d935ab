// Package reconcile compares what providers say they sent with what was accepted, and
// recovers what is missing.
//
//	r, err := reconcile.New(reconcile.Options{Store: s, …})
//	r.Run(ctx) // in the active tracker
//
// # One step
//
// Each account has a worker (worker.go), which takes one small step after the other: it sees
// what became of what it did (settle.go), lists a page (list.go), or brings a few events back
// (recover.go). What a step is going to do outside is stored before it is done, and what came
// of it afterwards, each in a transaction that also moves the account's position. So a worker
// that dies at any moment goes on where it was.
//
// # Never twice
//
// An event is missing only when the store has all of the archive, the event is older than its
// provider's last try may take, and no accepted event of the source has its id. A redelivery is
// asked for again only when the one before has had its time and the event is still missing.
// What is fetched is handed to a gateway, which claims it as it claims a request, so that the
// provider's own late request is a duplicate of it.
//
// # Never lost by mistake
//
// An API that does not answer, limits, or refuses the credentials stops the account and
// changes no event. An event is lost when its provider says that it does not have it any more
// while the same credentials read other things.
package reconcile
