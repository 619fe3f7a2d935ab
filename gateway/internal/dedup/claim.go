package dedup

// State is what a store knows about a key.
type State int

// The states. Fresh is the zero value: who knows nothing lets the event in.
const (
	Fresh   State = iota // nobody had it; now it is the caller's
	Pending              // claimed by somebody else, and not settled yet
	Done                 // accepted before
)

// Claim is the answer to a claim.
type Claim struct {
	State State
	ID    string // with Done: the id of the event that was accepted first
}
