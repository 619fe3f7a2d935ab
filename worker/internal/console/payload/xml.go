package payload

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxDepth is how deep XML may be nested that is indented.
const maxDepth = 200

// indentXML writes each element of XML on a line of its own, unless it is beside text. Nothing but white space is
// changed. It returns nothing for what is no XML.
func indentXML(text []byte) []byte {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	w := xmlWriter{}
	for from := int64(0); ; {
		token, err := d.RawToken()
		to := d.InputOffset()
		switch {
		case errors.Is(err, io.EOF) && w.depth == 0:
			return w.out.Bytes()
		case err != nil, !w.write(token, text[from:to]):
			return nil
		}
		from = to
	}
}

// xmlWriter writes tokens as they came, with line breaks between them.
type xmlWriter struct {
	out    bytes.Buffer
	depth  int
	inline bool // the last token was text, or the beginning of an element: what follows stays beside it
	opened bool // the last token was the beginning of an element
}

// write returns whether the token can be written.
func (w *xmlWriter) write(token xml.Token, raw []byte) bool {
	switch token.(type) {
	case xml.CharData:
		if raw = bytes.TrimSpace(raw); len(raw) == 0 {
			return true
		}
		w.inline, w.opened = true, false
	case xml.StartElement:
		w.breakLine(w.inline && !w.opened)
		w.depth++
		w.inline, w.opened = true, true
	case xml.EndElement:
		w.depth--
		if len(raw) > 0 { // else the element has no end of its own
			w.breakLine(w.inline)
		}
		w.inline, w.opened = false, false
	default:
		w.breakLine(false)
		w.inline, w.opened = false, false
	}
	w.out.Write(raw)
	return w.depth >= 0 && w.depth <= maxDepth && w.out.Len() <= maxIndented
}

// breakLine begins a line, unless what follows stays beside what is there.
func (w *xmlWriter) breakLine(stay bool) {
	if !stay && w.out.Len() > 0 {
		w.out.WriteString("\n" + strings.Repeat("  ", w.depth))
	}
}
