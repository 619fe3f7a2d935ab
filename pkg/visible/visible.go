// Package visible says which characters must not be written as they are where people read or
// paste: those that steer a terminal, and those that make text read as something else.
//
//	safe := visible.JSON(encoded) // ESC becomes \u001b, and a program reads the same
package visible

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Unsafe reports whether a character steers a terminal (C0, DEL, C1), has no look of its own,
// turns the direction of writing, or begins a line in a way that some programs know and others
// do not. Line feeds and tabs are safe, and so are the joiners that scripts and emoji need.
func Unsafe(r rune) bool {
	switch r {
	case '\n', '\t', zeroWidthNonJoiner, zeroWidthJoiner:
		return false
	default:
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	}
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// Any reports whether a text has a character that is unsafe.
func Any(text string) bool { return strings.ContainsFunc(text, Unsafe) }

// JSON escapes the unsafe characters in encoded JSON, which has them in strings only. It
// means the same afterwards.
func JSON(encoded []byte) []byte {
	if !bytes.ContainsFunc(encoded, Unsafe) {
		return encoded
	}
	var b bytes.Buffer
	for _, r := range string(encoded) {
		switch {
		case !Unsafe(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
