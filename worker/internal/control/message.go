package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/pemfile"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// format is the version of both kinds of message.
const format = 1

// The types of message.
const (
	typeCommand = "penstock.control"
	typeReport  = "penstock.report"
	typeMarker  = "penstock.marker" // says nothing: whoever reads it has read all reports before it
)

// ErrMalformed is returned for a message that is not of the expected type or format.
var ErrMalformed = errors.New("control: malformed message")

// Command is everything that people want of the deliverers.
type Command struct {
	Revision int64    `json:"revision"` // a later command has a higher one, or is the same
	Paused   []string `json:"paused"`   // the destinations that are paused
	Routes   []string `json:"routes"`   // the routes that are paused, whatever their destination

	// The tombstones: rounds of events that are not attempted, and those that are dropped.
	Withheld []tombstone.Mark `json:"withheld,omitempty"`
	Dropped  []tombstone.Mark `json:"dropped,omitempty"`

	// Resumed is when each of the others was resumed last, which ends a rest that its
	// Retry-After asked for.
	Resumed map[string]time.Time `json:"resumed,omitempty"`
}

func (c *Command) resume(destination string, at time.Time) {
	if c.Resumed == nil {
		c.Resumed = map[string]time.Time{}
	}
	c.Resumed[destination] = at
}

// Report is how a deliverer sees its destinations, and which command it obeys.
type Report struct {
	Instance     string        `json:"instance"`          // names the deliverer, for people
	Process      string        `json:"process,omitempty"` // no other one has it
	At           time.Time     `json:"at"`
	Destinations []Destination `json:"destinations"`
	Refused      string        `json:"refused,omitempty"` // why the newest configuration, or a part of it, is not in force; empty: it is

	Revision  *int64           `json:"revision,omitempty"`  // of the command that it obeys; 0: it knows of none; nil: its version knows no tombstones
	Routes    []string         `json:"routes,omitempty"`    // the routes that it consumes, or that end in it
	Attempted []tombstone.Mark `json:"attempted,omitempty"` // the tombstones whose events it attempts nevertheless: it had begun before
	Stops     bool             `json:"stops,omitempty"`     // it is the last one
}

// Destination is how a deliverer sees one.
type Destination struct {
	Name         string    `json:"name"`
	Breaker      string    `json:"breaker"`               // closed, half-open or open
	BreakerSince time.Time `json:"breakerSince,omitzero"` // since when it is not closed
	Paused       bool      `json:"paused,omitempty"`      // by a person
	RestingUntil time.Time `json:"restingUntil,omitzero"` // by the breaker or a Retry-After
	InUse        int       `json:"inUse"`                 // attempts under way
	Limit        int       `json:"limit"`                 // attempts that may be under way now

	// Its certificates. What is zero is not there, or not known.
	Server      pemfile.Validity `json:"server,omitzero"`      // that the destination showed last
	Client      pemfile.Validity `json:"client,omitzero"`      // that it is shown
	Authorities pemfile.Validity `json:"authorities,omitzero"` // the last one that its certificate may come from
}

func encode(typ string, what any) (*event.Message, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return nil, fmt.Errorf("control: encode a message: %w", err)
	}
	return &event.Message{
		ID: event.NewID(), Type: typ, AppID: event.AppID, ContentType: "application/json", Timestamp: time.Now(),
		Headers: map[string]any{event.HeaderFormat: int64(format)}, Body: body,
	}, nil
}

func decode(typ string, m *event.Message, into any) error {
	if v := m.Int(event.HeaderFormat); m.Type != typ || v != format {
		return fmt.Errorf("%w: type %q, format %d", ErrMalformed, m.Type, v)
	}
	if err := json.Unmarshal(m.Body, into); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
