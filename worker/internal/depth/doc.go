// Package depth measures what waits in the broker's queues: the events that are ready on
// each route, who consumes them, and events that have no route.
//
//	w, err := depth.New(depth.Options{Broker: consumer, Routes: routes, Meter: meter, Log: log})
//	w.Run(ctx) // in the active tracker
//
// Deliverers are scaled by it, and alerts ask it. What the broker does not answer is not
// shown: an old number would be a claim.
package depth
