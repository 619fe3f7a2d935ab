// Package topology holds the names of everything that Penstock has in RabbitMQ, and
// the plan by which it is connected. It is pure: package amqpx declares the plan.
//
//	plan := topology.Plan{Routes: routes, Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20 << 30}
//	err := amqpx.Declare(ctx, cfg, plan.Topology())
//
// # How an event flows
//
//	gateway ─► penstock.routes ─┬─► penstock.route.<route>      ─► deliverer
//	                            ├─► penstock.deferred.<route>   ─► deliverer  (while the former takes nothing)
//	                            ├─► penstock.archive
//	                            └─► penstock.archive.deferred   ─► deliverer ─► penstock.archive
//
// Each arrow is a publish of its own, by the name of the queue. What no route takes while
// there is no archive goes to penstock.unrouted.
//
// A failed attempt is published with [Delay]. The delay in seconds is written in
// binary: every set bit is one hop over a queue whose messages expire after that
// many seconds, from the highest bit to the lowest:
//
//	penstock.delay.02 ─(4 s)─► penstock.delay.01 ─► penstock.delay.00 ─(1 s)─► penstock.ready ─► the route's queue
//
// A queue per bit serves every route and every delay: each of its messages waits
// equally long, so none holds up another. What was delayed for a route that is gone
// ends in penstock.orphan.
//
// An ordered route has more queues, each with a single active consumer. Package consume
// takes its events on to them, and waits in them instead of in the delay queues:
//
//	penstock.route.<route> ─► penstock.partition.<route>.<nn> ─► deliverer
//	                                    └─► penstock.parked.<route>.<nn> ─► deliverer
package topology
