// Package consume runs a [Handler] over a route: it takes the events from the
// route's queue, calls the handler, and settles each event by what came of it.
//
//	handler := consume.HandlerFunc(func(ctx context.Context, e *event.Event) error {
//		return bill(ctx, e.ID, e.Body)
//	})
//	err := consume.Run(ctx, amqpx.Config{URLs: urls}, consume.Options{Route: "invoices", Handler: handler})
//
// A whole program is in docs/examples/worker.
//
// Run returns nil some time after ctx is done: it stops taking events, lets the
// running calls finish, settles them, and leaves the rest in the queue.
//
// Beside the route's queue it consumes the route's deferred queue, where gateways publish
// what the first one does not take. Both share the calls of the handler and the memory. A
// broker user needs the right to read both.
//
// # What becomes of an event
//
// The handler steers it with its error, by means of package fault:
//
//	return nil                                // delivered
//	return err                                // tried again, after the route's backoff
//	return fault.RetryAfter(err, time.Minute) // tried again, no earlier than that
//	return fault.Permanent(err)               // dead letter
//	return consume.ErrHandBack                // back to the queue, untried
//	return consume.ErrPostpone                // untried too, but after the backoff
//	panic(…)                                  // tried again, after the route's backoff
//
// An event that is tried again waits in the broker, not here: it is published to
// the delay queues, and acknowledged only after the broker confirmed that. The
// same goes for a dead letter, which waits there too while its own queue refuses it. So an event is never lost, but may come twice; its
// ID tells.
//
// # Records
//
// What became of an event is recorded in the stream penstock.status (package status)
// before the event is acknowledged, and before it is published for its next attempt: so
// it can be found, and no record overtakes an earlier one. While records cannot be
// confirmed, the route rests. A handler notes with [Answered] what its destination said.
//
// # Middleware
//
// What several handlers have in common is a [Middleware]:
//
//	handler = consume.Chain(handler, logged, deduplicated)
//
// # Stages
//
// An event passes decode.go, filter.go, delay.go, transform.go, attempt.go, verdict.go and
// settle.go, in this order, each of which is one stage of the pipeline.
package consume
