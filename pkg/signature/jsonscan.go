package signature

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// maxDepth is how deep a JSON body may be nested. One that is deeper has no values.
const maxDepth = 256

// byteOrderMark may come before a document (RFC 8259, section 8.1).
const byteOrderMark = "\xef\xbb\xbf"

// span is a value's place in a document. Its zero value is an absent one.
type span struct {
	start, end int
	state      state
}

// scanner walks through a JSON document (RFC 8259) once and notes where the wanted values are. It
// builds nothing, so that its memory does not depend on the document.
type scanner struct {
	data  []byte
	pos   int
	spans []span
	seen  []bool
	stack []active // those of every open level, one after the other
}

// scanJSON notes in spans where the values are: none when data is not one JSON value. It
// works in stack, which is empty, and makes itself room for more.
func scanJSON(data []byte, tree *pathTree, spans []span, seen []bool, stack []active) {
	s := scanner{data: data, spans: spans, seen: seen, stack: stack}
	if bytes.HasPrefix(data, []byte(byteOrderMark)) {
		s.pos = len(byteOrderMark)
	}
	s.stack = append(s.stack, active{node: &tree.root, arrived: true})
	if !s.value(0, 1, 0) || !s.end() {
		clear(spans)
	}
}

// jsonKind names the type of the one JSON value that data is; empty when it is none.
func jsonKind(data []byte) string {
	s := scanner{data: bytes.TrimPrefix(data, []byte(byteOrderMark))}
	s.space()
	first := s.pos
	if !s.value(0, 0, 0) || !s.end() {
		return ""
	}
	switch s.data[first] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	default:
		return "number"
	}
}

func (s *scanner) end() bool {
	s.space()
	return s.pos == len(s.data)
}

// value reads one value, for which stack[from:to] is active.
func (s *scanner) value(from, to, depth int) bool {
	s.space()
	if depth > maxDepth || s.pos >= len(s.data) {
		return false
	}
	start := s.pos
	if !s.any(from, to, depth) {
		return false
	}
	s.note(from, to, span{start, s.pos, found})
	return true
}

func (s *scanner) any(from, to, depth int) bool {
	switch c := s.data[s.pos]; c {
	case '{':
		return s.object(from, to, depth)
	case '[':
		return s.array(from, to, depth)
	case '"':
		return s.text()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) object(from, to, depth int) bool {
	s.pos++
	if s.next('}') {
		return true
	}
	for {
		s.space()
		start := s.pos
		if !s.text() {
			return false
		}
		key := s.data[start:s.pos]
		if !s.next(':') || !s.member(from, to, depth, key, -1) {
			return false
		}
		if s.next('}') {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

func (s *scanner) array(from, to, depth int) bool {
	s.pos++
	if s.next(']') {
		return true
	}
	for i := 0; ; i++ {
		if !s.member(from, to, depth, nil, i) {
			return false
		}
		if s.next(']') {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

// next skips white space, and c when it follows.
func (s *scanner) next(c byte) bool {
	s.space()
	if s.pos >= len(s.data) || s.data[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(w)) {
		return false
	}
	s.pos += len(w)
	return true
}

// text reads a string.
func (s *scanner) text() bool {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return false
	}
	for s.pos++; s.pos < len(s.data); s.pos++ {
		s.pos += plainBytes(s.data[s.pos:])
		switch {
		case s.pos == len(s.data):
			return false
		case s.data[s.pos] == '"':
			s.pos++
			return true
		case s.data[s.pos] != '\\' || !s.escape():
			return false
		}
	}
	return false
}

// plainBytes counts the bytes up to the first that means something else than itself in a
// string. Most bytes of most bodies are in strings, so it is what a scan takes time for:
// it looks at eight of them at once.
func plainBytes(text []byte) int {
	i := 0
	for i+8 <= len(text) && !anySpecial(binary.LittleEndian.Uint64(text[i:])) {
		i += 8
	}
	for i < len(text) && !special[text[i]] {
		i++
	}
	return i
}

// anySpecial reports whether one of eight bytes is below a blank, a quote or a backslash.
// A byte b is below n when b-n borrows, and is n when b^n is below 1 (haszero and hasless in
// https://graphics.stanford.edu/~seander/bithacks.html).
func anySpecial(eight uint64) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	quote, slash := eight^'"'*each, eight^'\\'*each
	return ((eight-' '*each)&^eight|(quote-each)&^quote|(slash-each)&^slash)&top != 0
}

var special = func() (is [256]bool) {
	for c := range ' ' {
		is[c] = true
	}
	is['"'], is['\\'] = true, true
	return is
}()

// escape reads up to the last byte of an escape.
func (s *scanner) escape() bool {
	s.pos++
	if s.pos >= len(s.data) || strings.IndexByte(`"\/bfnrtu`, s.data[s.pos]) < 0 {
		return false
	}
	if s.data[s.pos] != 'u' {
		return true
	}
	for range 4 {
		s.pos++
		if s.pos >= len(s.data) || strings.IndexByte("0123456789abcdefABCDEF", s.data[s.pos]) < 0 {
			return false
		}
	}
	return true
}

func (s *scanner) number() bool {
	start := s.pos
	for s.pos < len(s.data) && strings.IndexByte("+-0123456789.eE", s.data[s.pos]) >= 0 {
		s.pos++
	}
	return validNumber(s.data[start:s.pos])
}

// validNumber checks text against the grammar of RFC 8259, section 6.
func validNumber(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("-"))
	whole := digits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		n := digits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		n := digits(text)
		return n > 0 && n == len(text)
	}
	return len(text) == 0
}

func digits(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// jsonText is jsonBytes as a text of its own.
func jsonText(raw []byte) (string, state) { return copied(jsonBytes(raw)) }

// jsonBytes is the text of a value: a string decoded, all else as it is written. Null is absent. It
// is a part of raw unless the string has escapes.
func jsonBytes(raw []byte) ([]byte, state) {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return nil, absent
	case raw[0] != '"':
		return raw, found
	case bytes.IndexByte(raw, '\\') < 0:
		return raw[1 : len(raw)-1], found
	default:
		return unescape(raw[1 : len(raw)-1]), found
	}
}
