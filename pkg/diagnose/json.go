package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

const reencoded = "The body was parsed and encoded anew: signed was "

// jsonSpellings returns the body as various JSON encoders would write it.
func jsonSpellings(body []byte) []respelled {
	if !json.Valid(body) {
		return nil
	}
	var list []respelled
	for _, order := range orders(body) {
		for _, spacing := range spacings() {
			text, ok := spacing.write(order.text)
			if !ok {
				continue
			}
			for _, escape := range escapes() {
				cause := reencoded + describe(order.name, spacing.name, escape.name) + "."
				written := escape.write(text)
				list = append(list, respelled{[]byte(written), cause, rawBody}, respelled{[]byte(written + "\n"), cause, rawBody})
			}
		}
	}
	return list
}

func describe(order, spacing, escape string) string {
	text := spacing
	if order != "" {
		text += ", " + order
	}
	if escape != "" {
		text += ", " + escape
	}
	return text
}

type ordered struct{ name, text string }

// orders returns the document with its keys as they are, and sorted.
func orders(body []byte) []ordered {
	var compact bytes.Buffer
	if json.Compact(&compact, body) != nil {
		return nil
	}
	list := []ordered{{"", compact.String()}}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil {
		return list
	}
	var sorted strings.Builder
	encoder := json.NewEncoder(&sorted)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(document) != nil { //nolint:errchkjson // it was decoded from JSON
		return list
	}
	if text := strings.TrimSuffix(sorted.String(), "\n"); text != compact.String() {
		list = append(list, ordered{"with sorted keys", text})
	}
	return list
}

// layout writes compact JSON with other white space.
type layout struct {
	name  string
	write func(compact string) (string, bool)
}

func spacings() []layout {
	indent := func(by string) func(string) (string, bool) {
		return func(compact string) (string, bool) {
			var out bytes.Buffer
			err := json.Indent(&out, []byte(compact), "", by)
			return out.String(), err == nil
		}
	}
	return []layout{
		{"compact JSON", func(compact string) (string, bool) { return compact, true }},
		{"JSON with a space after each comma and colon, as Python writes it", func(c string) (string, bool) { return spaced(c, ", ", ": "), true }},
		{"JSON with a space after each colon", func(c string) (string, bool) { return spaced(c, ",", ": "), true }},
		{"JSON indented by two spaces", indent("  ")},
		{"JSON indented by four spaces", indent("    ")},
		{"JSON indented by tabs", indent("\t")},
	}
}

// spaced replaces the commas and colons outside of strings.
func spaced(compact, comma, colon string) string {
	var b strings.Builder
	inside, escaped := false, false
	for i := range len(compact) {
		c := compact[i]
		switch {
		case inside:
			inside = escaped || c != '"'
			escaped = !escaped && c == '\\'
			b.WriteByte(c)
		case c == ',':
			b.WriteString(comma)
		case c == ':':
			b.WriteString(colon)
		default:
			inside = c == '"'
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escape writes JSON with other escapes in its strings.
type escape struct {
	name  string
	write func(text string) string
}

func escapes() []escape {
	return []escape{
		{"", func(t string) string { return t }},
		{"with \\/ for each slash, as PHP writes it", slashes},
		{"with \\u escapes for all but ASCII", ascii},
		{"with \\/ and \\u escapes, as PHP writes it", func(t string) string { return slashes(ascii(t)) }},
		{"with \\u escapes for <, > and &", html},
		{"without escapes", plain},
		{"without \\u escapes, but with \\/", func(t string) string { return slashes(plain(t)) }},
	}
}

func slashes(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\/`, "/"), "/", `\/`)
}

func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func html(text string) string {
	return strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(text)
}

// plain decodes the escapes that need not be: those of slashes, and of
// characters that JSON can hold as they are.
func plain(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := escaped(text[i:])
		switch {
		case size == 0:
			b.WriteByte(text[i])
			i++
		case r == '"' || r == '\\' || r < ' ':
			b.WriteString(text[i : i+size])
			i += size
		default:
			b.WriteRune(r)
			i += size
		}
	}
	return b.String()
}

// escaped reads an escape at the start of text: the character, and how many
// bytes it takes. Zero: there is none.
func escaped(text string) (r rune, size int) {
	if len(text) < 2 || text[0] != '\\' {
		return 0, 0
	}
	if text[1] != 'u' {
		if text[1] == '/' {
			return '/', 2
		}
		return '\\', 2
	}
	size = 6
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		size = 12
	}
	for ; size >= 6; size -= 6 {
		var decoded string
		if len(text) >= size && json.Unmarshal([]byte(`"`+text[:size]+`"`), &decoded) == nil {
			if runes := []rune(decoded); len(runes) == 1 {
				return runes[0], size
			}
		}
	}
	return '\\', 2
}
