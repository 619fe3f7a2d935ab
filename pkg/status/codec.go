package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// The properties of a message that carries records.
const (
	Format      = 1 // the version, in the header penstock-format
	MessageType = "penstock.status"
	ContentType = "application/x-ndjson"
)

// The bounds of a message. Encode and the Emitter keep them; Decode refuses more.
const (
	MaxRecords = 512      // records of one message
	MaxBytes   = 14 << 20 // of one message's body
	MaxAnswer  = 4 << 10  // bytes of an Answer; what is longer is cut
	MaxError   = 500      // bytes of an Error; likewise
	maxText    = 255      // of another text; likewise
)

// The errors of the codec.
var (
	ErrMalformed = errors.New("status: malformed message")
	ErrInvalid   = errors.New("status: invalid record")
)

// line is a record as it travels. Its names are short and never change.
type line struct {
	Kind       Kind         `json:"kind"`
	Event      string       `json:"event"`
	Source     string       `json:"source,omitempty"`
	Type       string       `json:"type,omitempty"`
	Route      string       `json:"route,omitempty"`
	Attempt    int          `json:"attempt,omitempty"`
	Received   int64        `json:"received,omitempty"` // milliseconds since the epoch
	At         int64        `json:"at"`                 // likewise
	Reason     fault.Reason `json:"reason,omitempty"`
	LastReason fault.Reason `json:"last,omitempty"`
	Status     int          `json:"status,omitempty"`
	Answer     []byte       `json:"answer,omitempty"` // base64
	AnswerCut  bool         `json:"cut,omitempty"`
	Fields     Fields       `json:"fields,omitempty"`
	Error      string       `json:"error,omitempty"`
	Took       int64        `json:"took,omitempty"` // milliseconds
	Next       int64        `json:"next,omitempty"` // milliseconds since the epoch
	Replay     string       `json:"replay,omitempty"`
	By         string       `json:"by,omitempty"`
}

// Encode makes a message of at most MaxRecords records. It fails with ErrInvalid for
// a record without a known kind or an event, and for too many. Texts longer than 255
// bytes and answers longer than MaxAnswer are cut: an odd event must not keep its status
// from being written.
func Encode(records []Record) (*event.Message, error) {
	if len(records) > MaxRecords {
		return nil, fmt.Errorf("%w: %d records in a message, at most %d", ErrInvalid, len(records), MaxRecords)
	}
	var body []byte
	for i := range records {
		text, err := appendLine(body, &records[i])
		if err != nil {
			return nil, err
		}
		body = text
	}
	return message(body), nil
}

func message(body []byte) *event.Message {
	return &event.Message{
		ID:          event.NewID(),
		Type:        MessageType,
		AppID:       event.AppID,
		ContentType: ContentType,
		Timestamp:   time.Now(),
		Headers:     map[string]any{event.HeaderFormat: int64(Format)},
		Body:        body,
	}
}

// appendLine appends a record and its newline.
func appendLine(to []byte, r *Record) ([]byte, error) {
	if !r.Kind.Known() || r.Event == "" {
		return nil, fmt.Errorf("%w: kind %q of event %q", ErrInvalid, r.Kind, r.Event)
	}
	text, err := json.Marshal(line{
		Kind: r.Kind, Event: cut(r.Event), Source: cut(r.Source), Type: cut(r.Type), Route: cut(r.Route),
		Attempt: r.Attempt, Received: millis(r.ReceivedAt), At: millis(r.At),
		Reason: cut(r.Reason), LastReason: cut(r.LastReason), Status: r.HTTPStatus,
		Answer: r.Answer[:min(len(r.Answer), MaxAnswer)], AnswerCut: r.AnswerCut || len(r.Answer) > MaxAnswer,
		Fields: r.Fields.bounded(), Error: cutTo(r.Error, MaxError), Took: r.Took.Milliseconds(),
		Next: millis(r.NextAt), Replay: cut(r.Replay), By: cut(r.By),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return append(append(to, text...), '\n'), nil
}

// Decode returns the records of a message. Records of a kind that this version does
// not know are left out, and so are unknown keys. It fails with ErrMalformed, together
// with the records that could be read.
func Decode(m *event.Message) ([]Record, error) {
	if v := m.Int(event.HeaderFormat); m.Type != MessageType || v != Format {
		return nil, fmt.Errorf("%w: type %q, format %d", ErrMalformed, m.Type, v)
	}
	if len(m.Body) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(m.Body))
	}
	var records []Record
	var errs []error
	for text := range bytes.Lines(m.Body) {
		r, err := decodeLine(text)
		switch {
		case err != nil:
			errs = append(errs, err)
		case r.Kind.Known():
			records = append(records, r)
		}
		if len(records) > MaxRecords {
			return records[:MaxRecords], fmt.Errorf("%w: more than %d records", ErrMalformed, MaxRecords)
		}
	}
	return records, errors.Join(errs...)
}

func decodeLine(text []byte) (Record, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if l.Event == "" {
		return Record{}, fmt.Errorf("%w: a record without an event", ErrMalformed)
	}
	return Record{
		Kind: l.Kind, Event: cut(l.Event), Source: cut(l.Source), Type: cut(l.Type), Route: cut(l.Route),
		Attempt: l.Attempt, ReceivedAt: fromMillis(l.Received), At: fromMillis(l.At),
		Reason: cut(l.Reason), LastReason: cut(l.LastReason),
		HTTPStatus: l.Status, Answer: l.Answer[:min(len(l.Answer), MaxAnswer)], AnswerCut: l.AnswerCut || len(l.Answer) > MaxAnswer,
		Fields: l.Fields.bounded(), Error: cutTo(l.Error, MaxError), Took: time.Duration(l.Took) * time.Millisecond,
		NextAt: fromMillis(l.Next), Replay: cut(l.Replay), By: cut(l.By),
	}, nil
}
