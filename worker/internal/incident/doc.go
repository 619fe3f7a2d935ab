// Package incident decides which failures are one incident, and says in words what it is
// about. It does no I/O: the store keeps incidents, and folds failures into them.
//
//	key, failed := incident.Of(&record) // a failed attempt, or a dead letter
//	id := key.ID()                      // the same for all failures of this kind
//
// # What one incident is
//
// A [Key] is a kind, a route or a source, a reason, an HTTP status, and the shape of the
// destination's answer. The shape is the answer with numbers, ids and times taken out, so
// that ten answers that differ in an order number are one incident:
//
//	incident.Shape([]byte("order 4711 has no customer")) // "order # has no customer"
//
// An incident has one id for ever. When its failure comes back, it is reopened, with its
// history.
package incident
