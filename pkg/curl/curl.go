package curl

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/visible"
)

// MaxArgument is the size in bytes up to which a body is written into the command:
// Linux takes arguments of 128 KiB. A larger one, and one that cannot be pasted, is encoded.
const MaxArgument = 96 << 10

// Command is a request, and how curl is to send it.
type Command struct {
	Method   string
	URL      string
	Header   []event.Field // in this order; Host and Content-Length are curl's to write
	Body     []byte
	File     string // where the body is, byte for byte; empty: in the command
	Insecure bool   // accept any certificate
}

// String returns the command, in one line unless the body has more.
func (c Command) String() string {
	words := []string{"curl"}
	if c.Insecure {
		words = append(words, "--insecure")
	}
	if c.Method != http.MethodPost {
		words = append(words, "--request", quote(c.Method))
	}
	words = append(words, quote(literal.Replace(c.URL)))
	typed := false
	for _, f := range c.Header {
		if slices.Contains([]string{"host", "content-length"}, strings.ToLower(f.Name)) {
			continue
		}
		typed = typed || strings.EqualFold(f.Name, "Content-Type")
		words = append(words, "--header", quote(field(f)))
	}
	if !typed {
		words = append(words, "--header", quote("Content-Type:")) // curl would add one of its own
	}
	switch {
	case c.File != "":
		words = append(words, "--data-binary", quote("@"+c.File))
	case len(c.Body) <= MaxArgument && isText(string(c.Body)):
		words = append(words, "--data-raw", quote(string(c.Body)))
	default:
		words = append(words, "--data-binary", "@-")
		return "base64 -d <<'BODY' | " + strings.Join(words, " ") + "\n" + wrap(base64.StdEncoding.EncodeToString(c.Body)) + "BODY"
	}
	return strings.Join(words, " ")
}

// literal keeps curl from reading a URL as a pattern of several.
var literal = strings.NewReplacer("[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D")

// field writes a header field as curl takes it, for which "name:" means none. A name
// that begins with @ would be the name of a file.
func field(f event.Field) string {
	name := strings.TrimLeft(f.Name, "@")
	if f.Value == "" {
		return name + ";"
	}
	return name + ": " + f.Value
}

// isText reports whether a text can be pasted: a terminal acts on control characters in the
// middle of a word, however it is quoted.
func isText(text string) bool { return utf8.ValidString(text) && !visible.Any(text) }

// quote makes one word of a POSIX shell. What cannot be pasted is written in octal, for
// printf to put together.
func quote(text string) string {
	if isText(text) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(" :/.,=&?_-", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return `"$(printf '` + b.String() + `')"`
}

// wrap breaks text into lines of 76 characters.
func wrap(text string) string {
	const width = 76
	var b strings.Builder
	for text != "" {
		n := min(width, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}
