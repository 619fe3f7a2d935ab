package spool

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// record is a publication as it stands on disk. Gob matches fields by their names, so a
// name must not change.
type record struct {
	Exchange, Key string
	Message       *event.Message
}

func encode(p amqpx.Publication) ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(record{p.Exchange, p.Key, p.Message}); err != nil {
		return nil, fmt.Errorf("encode a publication for the disk: %w", err)
	}
	return b.Bytes(), nil
}

func decode(payload []byte) (amqpx.Publication, error) {
	var r record
	if err := gob.NewDecoder(bytes.NewReader(payload)).Decode(&r); err != nil {
		return amqpx.Publication{}, fmt.Errorf("decode a publication from the disk: %w", err)
	}
	if r.Message == nil {
		return amqpx.Publication{}, errors.New("decode a publication from the disk: it has no message")
	}
	return amqpx.Publication{Exchange: r.Exchange, Key: r.Key, Message: r.Message}, nil
}
