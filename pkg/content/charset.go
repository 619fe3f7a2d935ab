package content

import (
	"bytes"
	"encoding/binary"
	"mime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Text returns the body in UTF-8 and without a byte order mark. It shares the body's memory
// where it can. What is written in UTF-16 or UTF-32 is known by its byte order mark, by the
// charset that the content type names or, as JSON, by its zero bytes. It is false for a
// body that is no text.
func Text(contentType string, body []byte) ([]byte, bool) {
	if utf, mark := byOrderMark(body); utf != nil {
		return utf(body[mark:])
	}
	if read := byName(contentType); read != nil {
		return read(body)
	}
	if utf := byZeros(body); utf != nil {
		text, ok := utf(body)
		return text, ok && startsJSON(text)
	}
	return asUTF8(body)
}

// Plain reports whether Text would return the body as it is, or nothing at all.
func Plain(contentType string, body []byte) bool {
	utf, _ := byOrderMark(body)
	return utf == nil && byName(contentType) == nil && byZeros(body) == nil
}

// reader reads a body in one character set.
type reader func(body []byte) (text []byte, ok bool)

func byOrderMark(body []byte) (utf reader, length int) {
	for _, mark := range []struct {
		bytes string
		utf   reader
	}{
		{"\xef\xbb\xbf", asUTF8},
		{"\xff\xfe\x00\x00", asUTF32LE}, // before the shorter mark that it begins with
		{"\x00\x00\xfe\xff", asUTF32BE},
		{"\xff\xfe", asUTF16LE},
		{"\xfe\xff", asUTF16BE},
	} {
		if bytes.HasPrefix(body, []byte(mark.bytes)) {
			return mark.utf, len(mark.bytes)
		}
	}
	return nil, 0
}

// byName returns the reader of the charset that the content type names. Without one it is
// nil, and so it is for UTF-8.
func byName(contentType string) reader {
	if !strings.Contains(contentType, "=") { // nearly all have no parameter
		return nil
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil
	}
	switch strings.ToLower(params["charset"]) {
	case "utf-16", "utf-16be", "utf-16le", "utf-32", "utf-32be", "utf-32le":
		return named(strings.ToLower(params["charset"]))
	case "iso-8859-1", "latin1", "windows-1252":
		return fromLatin
	default:
		return nil
	}
}

func named(charset string) reader {
	switch charset {
	case "utf-16le":
		return asUTF16LE
	case "utf-32le":
		return asUTF32LE
	case "utf-32", "utf-32be":
		return asUTF32BE
	default: // RFC 2781: big-endian where nothing says otherwise
		return asUTF16BE
	}
}

// byZeros tells JSON in UTF-16 and UTF-32 by the zero bytes of its first character, which is
// always ASCII (RFC 4627, section 3). UTF-8 text holds none.
func byZeros(body []byte) reader {
	zero := func(i int) bool { return i < len(body) && body[i] == 0 }
	switch {
	case len(body) < 2, !zero(0) && !zero(1):
		return nil
	case zero(0) && zero(1) && zero(2):
		return asUTF32BE
	case zero(1) && zero(2) && zero(3):
		return asUTF32LE
	case zero(0):
		return asUTF16BE
	default:
		return asUTF16LE
	}
}

func startsJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && strings.IndexByte(`{["-0123456789tfn`, text[0]) >= 0
}

func asUTF8(body []byte) ([]byte, bool) { return body, utf8.Valid(body) }

func asUTF16LE(body []byte) ([]byte, bool) { return fromUTF16(body, binary.LittleEndian) }
func asUTF16BE(body []byte) ([]byte, bool) { return fromUTF16(body, binary.BigEndian) }
func asUTF32LE(body []byte) ([]byte, bool) { return fromUTF32(body, binary.LittleEndian) }
func asUTF32BE(body []byte) ([]byte, bool) { return fromUTF32(body, binary.BigEndian) }

func fromUTF16(body []byte, order binary.ByteOrder) ([]byte, bool) {
	text := make([]byte, 0, len(body)/2*3) // a unit becomes three bytes at most
	for ; len(body) >= 2; body = body[2:] {
		r := rune(order.Uint16(body))
		if utf16.IsSurrogate(r) {
			if len(body) < 4 {
				return nil, false
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(body[2:]))); r == utf8.RuneError {
				return nil, false
			}
			body = body[2:]
		}
		text = utf8.AppendRune(text, r)
	}
	return text, len(body) == 0
}

func fromUTF32(body []byte, order binary.ByteOrder) ([]byte, bool) {
	text := make([]byte, 0, len(body)) // a character takes no more in UTF-8
	for ; len(body) >= 4; body = body[4:] {
		n := order.Uint32(body)
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return nil, false
		}
		text = utf8.AppendRune(text, rune(n))
	}
	return text, len(body) == 0
}

// fromLatin reads both names as browsers do, unless the body is UTF-8 whatever it says.
func fromLatin(body []byte) ([]byte, bool) {
	if utf8.Valid(body) {
		return body, true
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(body)
	return text, err == nil
}
