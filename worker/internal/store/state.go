package store

import "github.com/penstock/penstock/pkg/status"

// State is how it stands with an event on a route. It is a closed set; its texts are
// part of the API.
type State string

// The states. Pending and Retrying are in flight; Dead waits for a person; the others
// are final.
const (
	Pending   State = "pending"   // accepted for the route, or replayed to it, and not tried since
	Retrying  State = "retrying"  // tried in vain, and another attempt follows
	Delivered State = "delivered" // the destination has it
	Filtered  State = "filtered"  // the route's filter was false for it
	Discarded State = "discarded" // a person decided that it needs no delivery
	Cancelled State = "cancelled" // an operator ended its round while it waited
	Dead      State = "dead"      // the route gave up on it

	// Unrouted is the state of an event that no route took. It has no delivery.
	Unrouted State = "unrouted"
)

// States returns the states that a delivery can have.
func States() []State {
	return []State{Pending, Retrying, Delivered, Filtered, Discarded, Cancelled, Dead}
}

// Known reports whether s is one of the states, Unrouted included.
func (s State) Known() bool { return s == Unrouted || s.ofDelivery() }

func (s State) ofDelivery() bool {
	switch s {
	case Pending, Retrying, Delivered, Filtered, Discarded, Cancelled, Dead:
		return true
	default:
		return false
	}
}

// Final reports whether nothing more is expected to happen.
func (s State) Final() bool {
	return s == Delivered || s == Filtered || s == Discarded || s == Cancelled
}

// stateAfter is the state that a record of the kind leads to.
func stateAfter(k status.Kind) State {
	switch k {
	case status.Delivered:
		return Delivered
	case status.Dead:
		return Dead
	case status.Filtered:
		return Filtered
	case status.Discarded:
		return Discarded
	case status.Cancelled:
		return Cancelled
	case status.Replayed:
		return Pending
	default: // attempted, retrying
		return Retrying
	}
}
