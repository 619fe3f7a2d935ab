package content

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Parse builds the values of a JSON document of the size that Measure returned for it:
// nil, bool, json.Number, string, []any and map[string]any. A number keeps its text. Of a
// key that is there twice, the last one counts. Texts share the memory of the document.
func Parse(text string, s Size) any {
	b := builder{
		lexer:  lexer{text: text},
		values: make([]any, 0, s.values),
		keys:   make([]string, 0, s.keys),
	}
	b.value()
	return b.values[0]
}

// builder builds the values of a document that Measure approved: it looks for no mistakes.
// Those of a list or an object wait on a stack for its end, when their number is known.
type builder struct {
	lexer

	values []any
	keys   []string
}

func (b *builder) value() {
	switch b.peek() {
	case '{':
		b.object()
	case '[':
		b.list()
	case '"':
		b.push(b.string())
	case 't':
		b.pos += len("true")
		b.push(true)
	case 'f':
		b.pos += len("false")
		b.push(false)
	case 'n':
		b.pos += len("null")
		b.push(nil)
	default:
		number, _ := b.readNumber()
		b.push(json.Number(number))
	}
}

func (b *builder) push(v any) { b.values = append(b.values, v) }

func (b *builder) string() string {
	raw, escaped, _ := b.readString()
	raw = raw[1 : len(raw)-1]
	if !escaped {
		return raw
	}
	return unescape(raw)
}

func (b *builder) object() {
	values, keys := len(b.values), len(b.keys)
	for more := b.first('}'); more; more = b.skip(',') {
		b.peek()
		b.keys = append(b.keys, b.string())
		b.skip(':')
		b.value()
	}
	b.skip('}')
	object := make(map[string]any, len(b.keys)-keys)
	for i, key := range b.keys[keys:] {
		object[key] = b.values[values+i]
	}
	b.pop(values)
	b.keys = b.keys[:keys]
	b.push(object)
}

func (b *builder) list() {
	values := len(b.values)
	for more := b.first(']'); more; more = b.skip(',') {
		b.value()
	}
	b.skip(']')
	list := make([]any, len(b.values)-values)
	copy(list, b.values[values:])
	b.pop(values)
	b.push(list)
}

// pop takes what waits above n off the stack, and leaves no references behind.
func (b *builder) pop(n int) {
	clear(b.values[n:])
	b.values = b.values[:n]
}

// unescape reads a text with escapes. Half of a surrogate pair becomes U+FFFD.
func unescape(raw string) string {
	var text strings.Builder
	text.Grow(len(raw))
	for {
		plain, rest, found := strings.Cut(raw, `\`)
		text.WriteString(plain)
		if !found {
			return text.String()
		}
		if rest[0] != 'u' {
			text.WriteByte(unescaped[rest[0]])
			raw = rest[1:]
			continue
		}
		r := unit(rest)
		raw = rest[5:]
		if utf16.IsSurrogate(r) {
			r = utf16.DecodeRune(r, low(raw))
			if r != utf8.RuneError {
				raw = raw[6:]
			}
		}
		text.WriteRune(r)
	}
}

var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unit reads "uXXXX".
func unit(text string) rune {
	n, _ := strconv.ParseUint(text[1:5], 16, 16)
	return rune(n)
}

// low reads the second half of a surrogate pair, if one follows.
func low(text string) rune {
	if !strings.HasPrefix(text, `\u`) {
		return utf8.RuneError
	}
	return unit(text[1:])
}
