package payload

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/content"
)

// Shape is how a body is shown.
type Shape string

// The shapes. Pretty is only there for what has one: JSON, XML and forms. It and Raw are without content coding, and in
// UTF-8; Hex is what was sent.
const (
	Pretty Shape = "pretty"
	Raw    Shape = "raw"
	Hex    Shape = "hex"
)

// The sizes, in bytes, from which on a body is cut. A page is some times as large: characters are escaped, and
// pieces are marked.
const (
	maxText     = 64 << 10
	maxHex      = 4 << 10
	maxPretty   = 1 << 20 // above it a body has no pretty shape
	maxIndented = 4 << 20 // likewise, of the pretty one
)

// View is a body in one shape.
type View struct {
	Shape  Shape
	Shapes []Shape // those that it has
	Pieces []Piece
	Form   []Pair // instead of pieces, for a form
	Cut    bool   // whether only the beginning is shown
	Size   int    // of the whole body as it was sent, in bytes
	How    string // what text was made from, such as "from gzip"; empty: it is what was sent
}

// Piece is a stretch of text of one kind: key, string, number-token, literal, or nothing.
type Piece struct{ Kind, Text string }

// Pair is a field of a form.
type Pair struct{ Name, Value string }

// Show returns the body in the shape that was asked for, or in the best that it has.
func Show(body []byte, contentType, encoding string, want Shape) View {
	v := View{Size: len(body)}
	read := content.Read(contentType, encoding, body, maxPretty)
	pretty, form := prettied(read, contentType)
	if pretty != nil || form != nil {
		v.Shapes = append(v.Shapes, Pretty)
	}
	if isText(read.Text) {
		v.Shapes = append(v.Shapes, Raw)
	}
	v.Shapes = append(v.Shapes, Hex)
	v.Shape = v.Shapes[0]
	for _, s := range v.Shapes {
		if s == want {
			v.Shape = s
		}
	}
	switch v.Shape {
	case Pretty:
		v.How, v.Form = read.How, form
		pretty, v.Cut = cut(pretty, maxText)
		v.Pieces = piecesOf(pretty)
	case Raw:
		v.How = read.How
		read.Text, v.Cut = cut(read.Text, maxText)
		v.Cut = v.Cut || !read.Whole
		v.Pieces = []Piece{{"", visible(string(read.Text))}}
	case Hex:
		v.Cut = len(body) > maxHex
		v.Pieces = []Piece{{"", hex.Dump(body[:min(len(body), maxHex)])}}
	}
	return v
}

// prettied returns JSON or XML with line breaks, or the fields of a form, or neither.
func prettied(read content.Readable, contentType string) ([]byte, []Pair) {
	if !read.Whole {
		return nil, nil // a beginning is no JSON
	}
	media, _, _ := mime.ParseMediaType(contentType) // what is wrong is no form
	if media == "application/x-www-form-urlencoded" {
		return nil, pairs(read.Text)
	}
	trimmed := bytes.TrimSpace(read.Text)
	if len(trimmed) == 0 || !utf8.Valid(trimmed) {
		return nil, nil
	}
	switch trimmed[0] {
	case '{', '[':
		var out bytes.Buffer
		if json.Indent(&out, trimmed, "", "  ") == nil && out.Len() <= maxIndented {
			return out.Bytes(), nil
		}
	case '<':
		return indentXML(trimmed), nil
	}
	return nil, nil
}

// pairs returns the fields of a form in their order, or nothing when it is none.
func pairs(body []byte) []Pair {
	if len(body) > maxText {
		return nil
	}
	var all []Pair
	for field := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(field, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil
		}
		if field != "" {
			all = append(all, Pair{visible(n), visible(v)})
		}
	}
	return all
}

// cut returns at most n bytes, of whole runes.
func cut(text []byte, n int) ([]byte, bool) {
	if len(text) <= n {
		return text, false
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n], true
}

func isText(body []byte) bool {
	return utf8.Valid(body) && !bytes.ContainsFunc(body, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t'
	})
}

// visible writes out characters that would be invisible or would turn the direction of
// the text around, so that what is read is what was sent.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\r' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control)) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// Extension returns how the name of a file with such a body ends.
func Extension(contentType string) string {
	media, _, _ := mime.ParseMediaType(contentType) // what is wrong is none of these
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		return ".json"
	case media == "application/xml" || media == "text/xml":
		return ".xml"
	case media == "application/x-www-form-urlencoded" || strings.HasPrefix(media, "text/"):
		return ".txt"
	default:
		return ".bin"
	}
}
