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
// A failed attempt is published to a delay level, whose messages expire after as many seconds
// as its name says. What has waited comes to one queue, from which every deliverer takes it
// on to the queue of its route (package returns), or to another level if it has to wait longer:
//
//	penstock.delay ─► penstock.level.<seconds> ─► penstock.return ─► deliverer ─► penstock.routes
//
// All routes share the levels, and in one all messages wait equally long, so none holds up
// another. What was delayed for a route that is gone ends in penstock.orphan.
//
// An ordered route has more queues, each with a single active consumer. Package consume
// takes its events on to them, and waits in them instead of in the delay queues:
//
//	penstock.route.<route> ─► penstock.partition.<route>.<nn> ─► deliverer
//	                                    └─► penstock.parked.<route>.<nn> ─► deliverer
package topology
