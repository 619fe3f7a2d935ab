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
	"github.com/penstock/penstock/pkg/visible"
)

// maxShown is how many bytes of a body are shown unless it is printed raw.
const maxShown = 16 << 10

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
		b.WriteString(body(r.Body))
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

// body returns a body as it can be shown: JSON indented, other text as it is,
// anything else by its size alone.
func body(raw []byte) string {
	if len(raw) == 0 {
		return "    (no body)\n"
	}
	text := string(raw)
	var pretty bytes.Buffer
	switch {
	case json.Indent(&pretty, raw, "", "  ") == nil:
		text = pretty.String()
	case !utf8.Valid(raw):
		return fmt.Sprintf("    (%s that are no text)\n", terminal.Size(len(raw)))
	}
	rest := ""
	if len(text) > maxShown {
		rest = fmt.Sprintf("    … %s more; --raw shows all\n", terminal.Size(len(text)-maxShown))
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	return terminal.Indent(strings.TrimRight(terminal.Safe(text), "\n")+"\n", "    ") + rest
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
