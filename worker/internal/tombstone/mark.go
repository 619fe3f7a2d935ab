package tombstone

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/penstock/penstock/pkg/consume"
)

// Mark stands for a round in commands and reports, where tens of thousands of them travel. Two
// rounds never have the same one.
type Mark [16]byte

// MarkOf returns the mark of a round.
func MarkOf(r consume.Round) Mark {
	sum := sha256.Sum256([]byte(r.Event + "\x00" + r.Route + "\x00" + r.Replay))
	return Mark(sum[:len(Mark{})])
}

// MarksOf returns the marks of rounds.
func MarksOf(rounds []consume.Round) []Mark {
	marks := make([]Mark, len(rounds))
	for i, r := range rounds {
		marks[i] = MarkOf(r)
	}
	return marks
}

// MarshalText writes a mark in 22 characters.
func (m Mark) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, m[:]), nil
}

// UnmarshalText reads what MarshalText writes, and fails for anything else.
func (m *Mark) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil || len(raw) != len(m) {
		return fmt.Errorf("tombstone: %d characters are no mark", len(text))
	}
	*m = Mark(raw)
	return nil
}
