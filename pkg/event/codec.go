package event

import (
	"errors"
	"fmt"
	"time"
)

// Limits of the codec, in bytes.
const (
	MaxRequest   = 96 << 10 // of the encoded request; a message's header must fit one AMQP frame of 128 KiB
	maxShortText = 255      // of an AMQP short string
)

// ErrRequestTooLarge is returned by Encode when the request's line and headers
// do not fit MaxRequest.
var ErrRequestTooLarge = errors.New("event: request headers too large")

// ErrMalformed is returned by Decode for a message that is not in a format it knows.
var ErrMalformed = errors.New("event: malformed message")

// Encode makes a message of the event. The message may share the event's body.
// It fails with ErrRequestTooLarge only.
func Encode(e *Event) (*Message, error) {
	request, err := encodeRequest(&e.Request)
	if err != nil {
		return nil, err
	}
	body, encoding := compress(e.Body)
	m := &Message{
		ID:              e.ID,
		Type:            e.Type,
		AppID:           AppID,
		ContentType:     shortText(e.Request.ContentType()),
		ContentEncoding: encoding,
		Timestamp:       e.ReceivedAt,
		Headers:         headers(e, request),
		Body:            body,
	}
	return m, nil
}

func headers(e *Event, request string) map[string]any {
	h := map[string]any{
		HeaderFormat:     int64(Format),
		HeaderSource:     e.Source,
		HeaderAttempt:    int64(max(e.Attempt, 1)),
		HeaderReceivedAt: e.ReceivedAt.UnixMilli(),
		HeaderRequest:    request,
	}
	set(h, HeaderProviderID, e.ProviderID)
	set(h, HeaderTrace, e.Trace.Parent)
	set(h, HeaderTraceState, e.Trace.State)
	set(h, HeaderReplay, e.Replay.ID)
	set(h, HeaderRecovered, e.Recovered)
	if !e.Replay.At.IsZero() {
		h[HeaderReplayedAt] = e.Replay.At.UnixMilli()
	}
	return h
}

func set(h map[string]any, name, value string) {
	if value != "" {
		h[name] = value
	}
}

// Decode makes an event of a message. It fails with ErrMalformed.
func Decode(m *Message) (*Event, error) {
	if v := m.Int(HeaderFormat); v != Format {
		return nil, fmt.Errorf("%w: format %d, want %d", ErrMalformed, v, Format)
	}
	request, err := decodeRequest(m.Text(HeaderRequest))
	if err != nil {
		return nil, err
	}
	body, err := decompress(m.Body, m.ContentEncoding)
	if err != nil {
		return nil, err
	}
	e := &Event{
		ID:         m.ID,
		Source:     m.Text(HeaderSource),
		Type:       m.Type,
		ProviderID: m.Text(HeaderProviderID),
		ReceivedAt: time.UnixMilli(m.Int(HeaderReceivedAt)).UTC(),
		Attempt:    max(int(m.Int(HeaderAttempt)), 1),
		Request:    request,
		Body:       body,
		Trace:      Trace{Parent: m.Text(HeaderTrace), State: m.Text(HeaderTraceState)},
		Replay:     Replay{ID: m.Text(HeaderReplay)},
		Recovered:  m.Text(HeaderRecovered),
	}
	if at := m.Int(HeaderReplayedAt); at > 0 {
		e.Replay.At = time.UnixMilli(at).UTC()
	}
	return e, nil
}

func shortText(s string) string {
	if len(s) > maxShortText {
		return "" // the request keeps it whole
	}
	return s
}
