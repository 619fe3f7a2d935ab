package store

import (
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

// ErrNotFound is returned for what is not in the store, or not any more.
var ErrNotFound = errors.New("store: not found")

// NoOffset is the archive offset of an event that was not seen in the archive.
const NoOffset = -1

// Event is an accepted event, with a delivery for each route that it goes to.
type Event struct {
	ID         string
	Source     string
	Type       string
	ProviderID string
	ReceivedAt time.Time
	Size       int   // of the body as it was received, in bytes
	Offset     int64 // where it is in the archive, or NoOffset
	Deliveries []Delivery
	Repeats    int64     // how often it came again and was not delivered again; only Store.Event knows
	RepeatedAt time.Time // when it last did

	seq int64
}

// Delivery is how it stands with an event on one route. Unless nothing happened yet,
// it says what its last status record says.
type Delivery struct {
	Route string
	State State
	Fact
	Records  int    // how many status records it had
	Incident string // the id of the one that its last failure belongs to; empty when it did not fail, or is final
	Held     Hold   // since its last record; zero: nothing was heard
}

// Hold is what a worker says of an event that it holds, or has handed back untried.
type Hold struct {
	At  time.Time
	Why string // in words; empty: an attempt is under way
}

// Fact is what one status record says. In a delivery without records it is empty but
// for At, which is when the event was accepted.
type Fact struct {
	Kind       status.Kind
	At         time.Time
	Attempt    int // which try this was; a fact that is none keeps the last one's
	Reason     fault.Reason
	LastReason fault.Reason
	Error      string // why it failed, in one line: status.Record.Summary
	HTTPStatus int
	Took       time.Duration
	NextAt     time.Time
	Replay     string
	By         string
}

// factOf takes from a record what is kept of it. attempt is that of the fact before.
func factOf(r *status.Record, attempt int) Fact {
	if r.Attempt > 0 {
		attempt = r.Attempt
	}
	return Fact{
		Kind: r.Kind, At: r.At, Attempt: attempt, Reason: r.Reason, LastReason: r.LastReason, Error: r.Summary(),
		HTTPStatus: r.HTTPStatus, Took: r.Took, NextAt: r.NextAt, Replay: r.Replay, By: r.By,
	}
}
