package quarantine

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// HeaderReason says in an entry why the request was refused, as a signature.Reason.
const HeaderReason = "penstock-quarantine-reason"

// typeReleased is the message type of a note that an entry was released.
const typeReleased = "penstock.quarantine.released"

// Entry is one message of the quarantine.
type Entry struct {
	// ID is the entry's, and that of the event that it becomes when it is released.
	ID string
	// Reason says why the request was refused.
	Reason string
	// Event is the request: its source, time, header and body. It has neither a type nor
	// a provider's id, which only a verified request is asked for. Nil: the entry is a
	// note that the one with this ID was released.
	Event *event.Event
}

// Refused makes the message of a request that was refused for the reason. It fails with
// event.ErrRequestTooLarge only.
func Refused(e *event.Event, reason string) (*event.Message, error) {
	m, err := event.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("encode a request for the quarantine: %w", err)
	}
	m.Headers[HeaderReason] = reason
	return m, nil
}

// Released makes the note that the entry was released at that time.
func Released(id string, at time.Time) *event.Message {
	return &event.Message{
		ID:        id,
		Type:      typeReleased,
		AppID:     event.AppID,
		Timestamp: at,
		Headers:   map[string]any{event.HeaderFormat: int64(event.Format)},
	}
}

// Parse reads a message of the quarantine. It fails with event.ErrMalformed.
func Parse(m *event.Message) (*Entry, error) {
	if m.Type == typeReleased {
		return &Entry{ID: m.ID}, nil
	}
	e, err := event.Decode(m)
	if err != nil {
		return nil, fmt.Errorf("read an entry of the quarantine: %w", err)
	}
	return &Entry{ID: e.ID, Reason: m.Text(HeaderReason), Event: e}, nil
}
