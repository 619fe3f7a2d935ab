package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/penstock/penstock/cli/internal/terminal"
)

// print writes an outcome for people.
func (o *outcome) print(w io.Writer, style terminal.Style) error {
	var b bytes.Buffer
	if o.OK {
		o.printValid(&b, style)
	} else {
		o.printInvalid(&b, style)
	}
	for _, note := range o.Notes {
		b.WriteString(style.Faint("note: "+terminal.Line(note)) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (o *outcome) printValid(b *bytes.Buffer, style terminal.Style) {
	fmt.Fprintf(b, "%s  %s\n", style.Good("VALID"), style.Strong(o.Name))
	signed := ""
	if o.Skew != 0 {
		signed = terminal.Span(o.Skew) + " before it arrived"
	}
	secret := ""
	if o.Key > 0 && o.secrets > 1 {
		secret = fmt.Sprintf("number %d fits", o.Key)
	}
	// A buffer takes every write.
	_ = fields(b, style, [][2]string{
		{"  secret", secret}, {"  signed", signed}, {"  event id", o.EventID}, {"  event type", o.Type},
	})
}

func (o *outcome) printInvalid(b *bytes.Buffer, style terminal.Style) {
	fmt.Fprintf(b, "%s  %s  %s\n\n%s\n", style.Bad("INVALID"), style.Strong(o.Name), o.Reason, terminal.Wrap(o.Meaning, "", lineWidth))
	for _, f := range o.Findings {
		label := style.Warn("Maybe: ")
		if f.Proven {
			label = style.Strong("Cause: ")
		}
		fmt.Fprintf(b, "\n%s%s\n", label, strings.TrimLeft(terminal.Wrap(terminal.Safe(f.Cause), "       ", lineWidth), " "))
		fmt.Fprintf(b, "%s%s\n", style.Strong("Do:    "), strings.TrimLeft(terminal.Wrap(terminal.Safe(f.Remedy), "       ", lineWidth), " "))
	}
	b.WriteString("\n" + style.Faint("Looked at:") + "\n")
	for _, text := range o.Signed {
		b.WriteString("  " + terminal.Line(text) + "\n")
	}
}

// lineWidth is how many characters a line of prose has at most.
const lineWidth = 100
