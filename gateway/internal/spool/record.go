package spool

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
)

// record is an event as the disk has it. Gob matches fields by their names, so a name must
// not change. Records of before version 1 name an exchange and a key, which follow from the
// message.
type record struct {
	Message *event.Message
	Done    []string // the queues that have the event already
}

func encode(e fanout.Event) ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(record{e.Message, e.Done}); err != nil {
		return nil, fmt.Errorf("encode an event for the disk: %w", err)
	}
	return b.Bytes(), nil
}

func decode(payload []byte) (fanout.Event, error) {
	var r record
	if err := gob.NewDecoder(bytes.NewReader(payload)).Decode(&r); err != nil {
		return fanout.Event{}, fmt.Errorf("decode an event from the disk: %w", err)
	}
	if r.Message == nil {
		return fanout.Event{}, errors.New("decode an event from the disk: it has no message")
	}
	return fanout.Event{
		Source: r.Message.Text(event.HeaderSource), Type: r.Message.Type, Message: r.Message, Done: r.Done,
	}, nil
}
