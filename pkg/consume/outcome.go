package consume

// Outcome is what became of one delivery. It is a closed set that labels metrics.
type Outcome string

// The outcomes.
const (
	Delivered  Outcome = "delivered"   // the handler is done with it
	Filtered   Outcome = "filtered"    // the route's filter is false for it
	Retrying   Outcome = "retrying"    // it failed and will be tried again
	Dead       Outcome = "dead"        // the route gave up on it
	HandedBack Outcome = "handed-back" // it went back to its queue untried
	Postponed  Outcome = "postponed"   // it was put off untried
	Cancelled  Outcome = "cancelled"   // an operator has ended its round: it was dropped untried
)

// ends reports whether nothing is left to do for an attempt with this outcome.
func (o Outcome) ends() bool {
	return o == Delivered || o == Filtered || o == Retrying || o == Dead || o == Cancelled
}
