package consume

import (
	"context"
	"errors"

	"github.com/penstock/penstock/pkg/event"
)

// Tombstones say for which waiting events an operator wants no attempt any more. They are safe
// for concurrent use.
type Tombstones interface {
	// Begin returns what is to become of an event whose attempt is about to begin. If that is
	// Attempt, the attempt is under way until end is called: when the event is settled.
	Begin(r Round) (fate Fate, end func())
	// IsDropped reports whether Begin would return Drop.
	IsDropped(r Round) bool
}

// Round names the attempts for an event on a route: from its acceptance on, or from the replay
// with the id. It is comparable.
type Round struct{ Event, Route, Replay string }

// Fate is what is to become of an event before its attempt.
type Fate int

// The fates.
const (
	Attempt  Fate = iota // no operator is against it
	Withhold             // it goes on waiting, until it is known which of the others it is
	Drop                 // its round has ended: it is acknowledged
)

// noTombstones let every attempt begin.
type noTombstones struct{}

func (noTombstones) Begin(Round) (fate Fate, end func()) { return Attempt, func() {} }
func (noTombstones) IsDropped(Round) bool                { return false }

var errWithheld = errors.New("an operator cancels it, or has it tried now")

func (r *Route) roundOf(m *event.Message) Round {
	return Round{m.ID, r.options.Route, m.Text(event.HeaderReplay)}
}

// attemptUnlessCancelled takes a job through the stages, unless a tombstone says otherwise. end
// has to be called when the job is settled.
func (r *Route) attemptUnlessCancelled(ctx context.Context, j job) (v verdict, end func()) {
	fate, end := r.options.Tombstones.Begin(r.roundOf(j.message))
	switch fate {
	case Drop:
		return verdict{outcome: Cancelled}, end
	case Withhold:
		return verdict{outcome: HandedBack, err: errWithheld, text: errWithheld.Error()}, end
	default:
		return r.handle(ctx, j), end
	}
}
