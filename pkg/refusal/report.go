package refusal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// The properties of a message that carries a report.
const (
	Format      = 1 // the version, in the header penstock-format
	MessageType = "penstock.refusals"
)

// The bounds of a report. Encode and Decode refuse more.
const (
	MaxCounts = 1000
	maxText   = 255
)

// ErrMalformed is returned for what is not a report, or out of bounds.
var ErrMalformed = errors.New("refusal: malformed report")

// Report is what one gateway did not publish since its report before: what it refused, and what it had accepted already.
type Report struct {
	Instance string    `json:"instance"` // one run of a gateway: another one has another name
	Number   int64     `json:"number"`   // of the instance's reports, from 1
	At       time.Time `json:"at"`       // when it was made
	Counts   []Count   `json:"counts"`
	Repeats  []Repeat  `json:"repeats,omitzero"`
}

// Repeat is how often an event came again that had been accepted, and was not delivered again.
type Repeat struct {
	Event  string    `json:"event"` // its id
	N      int64     `json:"n"`
	LastAt time.Time `json:"last"` // when it last came
}

// Count is how many requests of a source were refused for a reason.
type Count struct {
	Source string    `json:"source"` // of the configuration
	Reason string    `json:"reason"` // of a closed set, as in the metric penstock_refused_total
	N      int64     `json:"n"`
	LastAt time.Time `json:"last"` // when the last of them came
}

// Encode makes a message of a report. It fails with ErrMalformed.
func Encode(r Report) (*event.Message, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return &event.Message{
		ID: event.NewID(), Type: MessageType, AppID: event.AppID, ContentType: "application/json", Timestamp: r.At,
		Headers: map[string]any{event.HeaderFormat: int64(Format)}, Body: body,
	}, nil
}

// Decode returns the report of a message. It fails with ErrMalformed.
func Decode(m *event.Message) (Report, error) {
	var r Report
	if v := m.Int(event.HeaderFormat); m.Type != MessageType || v != Format {
		return r, fmt.Errorf("%w: type %q, format %d", ErrMalformed, m.Type, v)
	}
	if err := json.Unmarshal(m.Body, &r); err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := r.check(); err != nil {
		return Report{}, err
	}
	return r, nil
}

func (r *Report) check() error {
	switch {
	case r.Instance == "" || len(r.Instance) > maxText || r.Number < 1 || r.At.IsZero():
		return fmt.Errorf("%w: it does not say whose it is, or which", ErrMalformed)
	case max(len(r.Counts), len(r.Repeats)) > MaxCounts:
		return fmt.Errorf("%w: %d counts and %d repeats, at most %d each", ErrMalformed, len(r.Counts), len(r.Repeats), MaxCounts)
	}
	for _, e := range r.Repeats {
		if e.Event == "" || len(e.Event) > maxText || e.N < 1 || e.LastAt.IsZero() {
			return fmt.Errorf("%w: a repeat that counts nothing", ErrMalformed)
		}
	}
	for _, c := range r.Counts {
		if c.Source == "" || c.Reason == "" || len(c.Source) > maxText || len(c.Reason) > maxText || c.N < 1 || c.LastAt.IsZero() {
			return fmt.Errorf("%w: a count that counts nothing", ErrMalformed)
		}
	}
	return nil
}
