package transform

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a result may be nested.
const maxDepth = 10_000

// encode writes the result as JSON, as jq does: compact, the keys of an object in order, and
// with no escapes for HTML. It stops where the result is too large.
func encode(result any) ([]byte, error) {
	w := writer{}
	if err := w.value(result, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

type writer struct{ out []byte }

func (w *writer) value(v any, depth int) error {
	if depth > maxDepth {
		return ErrTooLarge
	}
	switch v := v.(type) {
	case map[string]any:
		return w.object(v, depth+1)
	case []any:
		return w.list(v, depth+1)
	case string:
		w.text(v)
	case json.Number:
		w.out = append(w.out, v...)
	case nil:
		w.out = append(w.out, "null"...)
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case int:
		w.out = strconv.AppendInt(w.out, int64(v), 10)
	case int64:
		w.out = strconv.AppendInt(w.out, v, 10)
	case uint64:
		w.out = strconv.AppendUint(w.out, v, 10)
	case *big.Int:
		w.out = v.Append(w.out, 10)
	default:
		return w.other(v)
	}
	return w.within()
}

// other writes what is rare, such as a double.
func (w *writer) other(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return errFailed
	}
	w.out = append(w.out, text...)
	return w.within()
}

// within fails when too much is written.
func (w *writer) within() error {
	if len(w.out) > MaxSize {
		return ErrTooLarge
	}
	return nil
}

func (w *writer) object(object map[string]any, depth int) error {
	w.out = append(w.out, '{')
	for i, key := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.text(key)
		w.out = append(w.out, ':')
		if err := w.value(object[key], depth); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return w.within()
}

func (w *writer) list(list []any, depth int) error {
	w.out = append(w.out, '[')
	for i, v := range list {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if err := w.value(v, depth); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return w.within()
}

// text writes a text with the escapes that JSON asks for, and with those of the two line
// breaks that JavaScript does not expect.
func (w *writer) text(text string) {
	w.out = append(w.out, '"')
	start := 0
	for i, r := range text {
		escape := escaped(r)
		width := utf8.RuneLen(r)
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") { // a byte that is none of a character
			escape, width = `\ufffd`, 1
		}
		if escape != "" {
			w.out = append(append(w.out, text[start:i]...), escape...)
			start = i + width
		}
	}
	w.out = append(append(w.out, text[start:]...), '"')
}

func escaped(r rune) string {
	switch {
	case r == '"':
		return `\"`
	case r == '\\':
		return `\\`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r == '\b':
		return `\b`
	case r == '\f':
		return `\f`
	case r < ' ':
		return `\u00` + string("0123456789abcdef"[r>>4]) + string("0123456789abcdef"[r&15])
	case r == '\u2028':
		return `\u2028`
	case r == '\u2029':
		return `\u2029`
	default:
		return ""
	}
}
