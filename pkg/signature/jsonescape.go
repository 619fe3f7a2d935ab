package signature

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape decodes what is between the quotes of a valid JSON string (RFC 8259 section 7). Half of a
// surrogate pair becomes U+FFFD, as package encoding/json has it. Bytes that are no UTF-8 stay.
func unescape(text []byte) []byte {
	out := make([]byte, 0, unescapedSize(text))
	for len(text) > 0 {
		plain := bytes.IndexByte(text, '\\')
		if plain < 0 {
			plain = len(text)
		}
		out = append(out, text[:plain]...)
		if text = text[plain:]; len(text) > 0 {
			var n int
			out, n = appendEscape(out, text)
			text = text[n:]
		}
	}
	return out
}

// unescapedSize is as large as the decoded text, or a little larger.
func unescapedSize(text []byte) int {
	long := bytes.Count(text, []byte(`\u`))
	return max(0, len(text)-bytes.Count(text, []byte(`\`))+bytes.Count(text, []byte(`\\`))-long*(len("uXXXX")-utf8.UTFMax))
}

// appendEscape decodes the escape that text begins with, and returns how long it is.
func appendEscape(out, text []byte) ([]byte, int) {
	const short, long = len(`\n`), len(`\uXXXX`)
	switch text[1] {
	case 'u':
		r := hexRune(text)
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), long
		}
		if len(text) >= 2*long && text[long] == '\\' && text[long+1] == 'u' {
			if both := utf16.DecodeRune(r, hexRune(text[long:])); both != utf8.RuneError {
				return utf8.AppendRune(out, both), 2 * long
			}
		}
		return utf8.AppendRune(out, utf8.RuneError), long
	case 'b':
		return append(out, '\b'), short
	case 'f':
		return append(out, '\f'), short
	case 'n':
		return append(out, '\n'), short
	case 'r':
		return append(out, '\r'), short
	case 't':
		return append(out, '\t'), short
	default:
		return append(out, text[1]), short
	}
}

// hexRune reads the four digits of "\uXXXX".
func hexRune(text []byte) rune {
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return utf8.RuneError // a valid string has four digits
	}
	return rune(n)
}
