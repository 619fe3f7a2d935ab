// Package fanout publishes an event to each of its routes and to the archive.
//
//	f := fanout.New(fanout.Options{Publisher: publisher, …})
//	f.Configure(fanout.Plan{Routes: routing.For(cfg), Archive: true})
//	err := f.Publish(ctx, fanout.Event{Source: "github", Type: "push", Message: message})
//
// Each copy is a publish of its own, with its own confirm (copy.go). Publish returns nil
// when every copy is safe: in the queue that it is for, or in the deferred queue that takes
// its place. Otherwise the error is an [Incomplete], which says what has the event already,
// so that a repetition publishes only the rest.
//
// A queue that refuses or returns a copy, or that does not answer while the broker answers
// others, is shut (health.go): later copies go to its deferred queue at once. Now and then
// one of them is a probe, on a connection of its own, until the queue takes it.
package fanout
