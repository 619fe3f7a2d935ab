package dedup

import "time"

// Key names an event as its sender knows it.
type Key struct {
	Source string // the source's name; the sources share a memory fairly
	Event  string // the same for every repetition of the event
}

// State is the answer to a claim.
type State int

// The states. Granted is the zero value: a store that knows nothing lets the event in.
const (
	Granted   State = iota // the caller may publish the event, and settles the claim then
	Pending                // another claim on the event is not settled yet
	Duplicate              // the event was accepted within its window
)

// Claim is what a store knows of an event, and the right to publish it if State is Granted.
type Claim struct {
	State State
	// ID is the id of the event: that of its first claim, however that one ended.
	ID string
	// Number counts the claims on the event. It is zero when the store could not be asked.
	Number uint32
	// Done are the places that have the event already, of a claim that ended without its
	// acceptance: a repetition is published only to the others.
	Done []string
	// Repeated means that the event was accepted before, outside of its window.
	Repeated bool
}

// Outcome is what became of a claim.
type Outcome struct {
	Accepted bool     // the event is safe; all else then means nothing
	Unknown  bool     // it may become so: the claim goes on until its lease ends
	Done     []string // the places that have it
}

// Terms are how long a store keeps what it knows of an event. All are whole milliseconds.
type Terms struct {
	Lease  time.Duration // a claim that is not settled ends with it
	Window time.Duration // an event that was accepted so recently makes a repetition a duplicate
	Memory time.Duration // the id is kept for so long after the last claim; at least as long as lease and window
}

// memory returns how long the id is kept.
func (t Terms) memory() time.Duration { return max(t.Memory, t.Window, t.Lease) }
