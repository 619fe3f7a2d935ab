package store

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
)

// ErrCursor is returned for a cursor that this store did not make.
var ErrCursor = errors.New("store: not a cursor of this list")

// Cursor is where a page of events ends; the next one begins behind it. The zero value
// is the beginning of the list. Its text is opaque to those who send it back.
type Cursor struct {
	received int64 // milliseconds
	seq      int64
}

// beginning stands before every event.
var beginning = Cursor{math.MaxInt64, math.MaxInt64}

// IsZero reports whether c is the zero value: as Page.Next, that nothing follows.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String returns the cursor's text: empty for the zero value.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(c.received))
	binary.BigEndian.PutUint64(raw[8:], uint64(c.seq))
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// ParseCursor returns the cursor of a text that String made. It fails with ErrCursor.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 16 {
		return Cursor{}, ErrCursor
	}
	return Cursor{int64(binary.BigEndian.Uint64(raw[:8])), int64(binary.BigEndian.Uint64(raw[8:]))}, nil
}
