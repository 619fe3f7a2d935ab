package store

import (
	"errors"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/status"
)

// ErrStale is returned by Apply when a stream's position is not where the batch
// begins: somebody else has written. Nothing was applied.
var ErrStale = errors.New("store: another writer has moved on")

// Batch is what was read from the streams in one go, in order.
type Batch struct {
	Accepted []Accepted
	Records  []status.Record
	Moves    []Move
	Gaps     []Gap
}

// Accepted is an entry of the archive.
type Accepted struct {
	ID         string
	Source     string
	Type       string
	ProviderID string
	ReceivedAt time.Time // by its gateway's clock
	Size       int
	Offset     int64
	Routes     []string // which take it

	// PublishedAt is when it came to the archive at the earliest, where that is known to be
	// much later than ReceivedAt: the gateway's clock is behind, or a spool kept it. Zero
	// otherwise.
	PublishedAt time.Time

	Replay     string    // the further round that its sender began by sending it again; empty: this is its first
	ReplayedAt time.Time // when that was
}

// clean makes the texts such that every database takes them. Anybody can publish to the
// archive.
func (a *Accepted) clean() {
	for _, text := range []*string{&a.ID, &a.Source, &a.Type, &a.ProviderID, &a.Replay} {
		*text = strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD")
	}
}

// Position is how far a stream was read.
type Position struct {
	Next   int64  // the offset to read next; 0 when nothing was read yet
	LastID string // the message id of the entry before it; tells a stream from its successor of the same name
}

// Move is a step in a stream: from a position, to the next one.
type Move struct {
	Stream   string
	From, To Position
}

// Gap is a stretch of a stream that was gone before it was read.
type Gap struct {
	Stream string
	From   int64 // the first offset that is missing
	To     int64 // the first offset after the gap
	Reason string
	At     time.Time
}
