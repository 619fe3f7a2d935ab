package share

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// format is the version of the message, and kind its type.
const (
	format = 1
	kind   = "penstock.peer"
)

var errMalformed = errors.New("share: malformed message")

// announcement is what a deliverer says of itself.
type announcement struct {
	Deliverer string         `json:"deliverer"`       // an id of its own
	Number    uint64         `json:"number"`          // of this announcement, from 1
	InUse     map[string]int `json:"inUse"`           // attempts under way, by destination with a limit that it serves
	Stops     bool           `json:"stops,omitempty"` // it makes no attempts any more
}

func (a announcement) encode() (*event.Message, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("share: encode an announcement: %w", err)
	}
	return &event.Message{
		ID: event.NewID(), Type: kind, AppID: event.AppID, ContentType: "application/json", Timestamp: time.Now(),
		Headers: map[string]any{event.HeaderFormat: int64(format)}, Body: body,
	}, nil
}

func decode(m *event.Message) (a announcement, err error) {
	if v := m.Int(event.HeaderFormat); m.Type != kind || v != format {
		return a, fmt.Errorf("%w: type %q, format %d", errMalformed, m.Type, v)
	}
	if err := json.Unmarshal(m.Body, &a); err != nil {
		return a, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return a, nil
}
