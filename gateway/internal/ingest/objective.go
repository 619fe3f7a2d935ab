package ingest

import "time"

// DefaultDeadline is when a sender is taken to give up, when its own deadline is not
// known: the shortest that is common among providers is five seconds, most have ten.
const DefaultDeadline = 10 * time.Second

// reasonPending is why a duplicate of an event that is being published is refused.
const reasonPending = "duplicate-pending"

// standing is how a request counts for the objective of acknowledging in time.
type standing int

const (
	excluded standing = iota // it says nothing about us
	met
	missed
)

// judge tells how a finished request counts. A sender's own mistakes do not, and no
// more does a question of a provider.
func judge(r *Request, refusal *Refusal, took time.Duration) standing {
	switch {
	case refusal == nil && r.answer.EventID == "":
		return excluded
	case refusal == nil && took <= r.source.patience():
		return met
	case refusal == nil:
		return missed
	case refusal.Reason == reasonPending:
		return excluded
	case refusal.Kind == KindUnavailable, refusal.Kind == KindOverloaded, refusal.Kind == KindInternal:
		return missed
	default:
		return excluded
	}
}

// patience is how long the source's sender waits for an answer.
func (s *Source) patience() time.Duration {
	if s.deadline > 0 {
		return s.deadline
	}
	return DefaultDeadline
}
