package status

import (
	"time"

	"github.com/penstock/penstock/pkg/fault"
)

// Kind is what a record says. It is a closed set; its texts are part of the format.
type Kind string

// The kinds. Delivered, Retrying and Dead also stand for the attempt that led there,
// so that an attempt costs one record.
const (
	Attempted Kind = "attempted" // an attempt ended without a decision: the event went back to its queue
	Delivered Kind = "delivered" // the destination has it
	Retrying  Kind = "retrying"  // the attempt failed, and another follows at NextAt
	Postponed Kind = "postponed" // it was put off untried, until NextAt
	Held      Kind = "held"      // a worker has it, or has handed it back untried: nothing is decided
	Dead      Kind = "dead"      // the route gave up on it
	Filtered  Kind = "filtered"  // the route's filter was false for it
	Replayed  Kind = "replayed"  // it was published to the route again
	Discarded Kind = "discarded" // a person decided that it needs no delivery
	Cancelled Kind = "cancelled" // an operator ended its round while it waited; only the tracker knows whether that came in time
	Dropped   Kind = "dropped"   // the waiting event of a cancelled round surfaced, and was acknowledged
)

// Known reports whether k is one of the kinds above. A reader skips other kinds.
func (k Kind) Known() bool {
	switch k {
	case Attempted, Delivered, Retrying, Postponed, Held, Dead, Filtered, Replayed, Discarded, Cancelled, Dropped:
		return true
	default:
		return false
	}
}

// Tried reports whether a record of this kind stands for an attempt. A dead event's
// does only when its Attempt is not zero.
func (k Kind) Tried() bool {
	return k == Attempted || k == Delivered || k == Retrying || k == Dead
}

// Record is one fact about one event on one route. Times have millisecond precision.
// A zero value means that there is nothing to say.
type Record struct {
	Kind       Kind
	Event      string        // the event's id
	Source     string        // where the event came from
	Type       string        // the event's type
	Route      string        // whose delivery this is about
	Attempt    int           // which try this was, from 1
	ReceivedAt time.Time     // when the event was accepted
	At         time.Time     // when this happened; Emit fills in the present when it is zero
	Reason     fault.Reason  // why it failed, or why the route gave up
	LastReason fault.Reason  // why the last attempt failed, when Reason is that there will be no more
	HTTPStatus int           // what the destination answered
	Answer     []byte        // how the body of its answer begins: at most MaxAnswer bytes
	AnswerCut  bool          // whether that body goes on
	Fields     Fields        // what the header of a failed attempt's answer says of it
	Error      string        // the error in words, at most MaxError bytes, with nothing of the payload; of a Held: why it waits
	Took       time.Duration // how long the attempt took
	NextAt     time.Time     // of a Retrying or Postponed: the earliest time of the next attempt; of a Held: when the worker says so again at the latest, if it does until it lets go
	Replay     string        // the replay that the event belongs to
	By         string        // who asked for it: the name of a token, of Replayed, Discarded and Cancelled
}
