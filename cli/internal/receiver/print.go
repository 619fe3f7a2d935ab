package receiver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/visible"
)

// maxShown is how many bytes of a body are shown unless it is printed raw.
const maxShown = 16 << 10

// maxRead is how many bytes of a decoded body are looked at, at most.
const maxRead = 1 << 20

// Printer writes reports for people.
type Printer struct {
	Out     io.Writer
	Style   terminal.Style
	Headers bool // also the header fields
	Raw     bool // the body byte for byte, whatever is in it
}

// Print writes one report.
func (p Printer) Print(r Report) {
	var b bytes.Buffer
	b.WriteString(p.line(r) + "\n")
	if p.Headers {
		p.headers(&b, r.Header)
	}
	if p.Raw {
		b.Write(r.Body)
		b.WriteString("\n")
	} else {
		b.WriteString(body(content.Read(r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), r.Body, maxRead), len(r.Body)))
	}
	_, _ = p.Out.Write(b.Bytes()) // when nobody reads any more, taking requests still makes sense
}

func (p Printer) line(r Report) string {
	parts := []string{p.Style.Faint(r.Time.Format("15:04:05.000")), p.status(r.Status), p.Style.Strong(orDash(r.Type))}
	if r.Source != "" {
		parts = append(parts, "from "+terminal.Line(r.Source))
	}
	if r.EventID != "" {
		parts = append(parts, terminal.Line(r.EventID))
	}
	if r.Attempt > 0 {
		parts = append(parts, "attempt "+strconv.Itoa(r.Attempt))
	}
	if r.Method != http.MethodPost || r.Path != "/" {
		parts = append(parts, terminal.Line(r.Method+" "+r.Path))
	}
	switch r.Signature {
	case "":
	case Valid:
		parts = append(parts, p.Style.Good("signature valid"))
	default:
		parts = append(parts, p.Style.Bad("signature INVALID: "+r.Signature))
	}
	return strings.Join(parts, "  ")
}

func (p Printer) status(status int) string {
	text := strconv.Itoa(status)
	if status < http.StatusBadRequest {
		return p.Style.Good(text)
	}
	return p.Style.Bad(text)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return terminal.Line(text)
}

func (p Printer) headers(b *bytes.Buffer, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			b.WriteString("    " + p.Style.Faint(terminal.Line(name)+":") + " " + terminal.Line(value) + "\n")
		}
	}
	b.WriteString("\n")
}

// body returns a body of size bytes as it can be shown: JSON indented, other text as it is, without its content coding
// and in UTF-8, anything else by its size alone.
func body(read content.Readable, size int) string {
	if size == 0 {
		return "    (no body)\n"
	}
	text := string(read.Text)
	var pretty bytes.Buffer
	switch {
	case read.Whole && json.Indent(&pretty, read.Text, "", "  ") == nil:
		text = pretty.String()
	case !isText(read):
		return fmt.Sprintf("    (%s that are no text)\n", terminal.Size(size))
	}
	note := ""
	if read.How != "" {
		note = fmt.Sprintf("    (%s, shown %s; --raw shows what came)\n", terminal.Size(size), read.How)
	}
	switch {
	case !read.Whole:
		note += "    … and more; --raw shows all\n"
	case len(text) > maxShown:
		note += fmt.Sprintf("    … %s more; --raw shows all\n", terminal.Size(len(text)-maxShown))
	}
	text = strings.ToValidUTF8(text[:min(len(text), maxShown)], "")
	return terminal.Indent(strings.TrimRight(terminal.Safe(text), "\n")+"\n", "    ") + note
}

// isText reports whether the text is one, though it may end within a character.
func isText(read content.Readable) bool {
	for n := 0; n < utf8.UTFMax && n <= len(read.Text); n++ {
		if utf8.Valid(read.Text[:len(read.Text)-n]) {
			return true
		}
		if read.Whole {
			return false
		}
	}
	return false
}

// PrintJSON writes reports as JSON, one a line. The body is the string "body", or
// "bodyBase64" when it is no UTF-8: byte for byte either way, so that the line can
// be verified. What would steer a terminal is escaped.
func PrintJSON(out io.Writer) func(Report) {
	return func(r Report) {
		line := struct {
			Report
			Text  string `json:"body,omitempty"`
			Bytes []byte `json:"bodyBase64,omitempty"`
		}{Report: r}
		if utf8.Valid(r.Body) {
			line.Text = string(r.Body)
		} else {
			line.Bytes = r.Body
		}
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(line)                     // texts and numbers always encode
		_, _ = out.Write(visible.JSON(text.Bytes())) // as in Print
	}
}

// PrintIDs writes the event's id of each request that was answered 2xx, one a line.
func PrintIDs(out io.Writer) func(Report) {
	return func(r Report) {
		if r.Status/100 == 2 {
			_, _ = fmt.Fprintln(out, terminal.Line(r.EventID)) // as in Print
		}
	}
}
