package credential

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
)

// hideXML hides what is inside of elements, by their local names.
func hideXML(body []byte, _ string, names []string) ([]byte, bool) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	var spans []span
	inside, depth := 0, 0 // the depth at which a hidden element began; zero: none did
	for {
		before := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return replaceSpans(body, spans, Redacted), depth == 0 && len(spans) > 0
		}
		if err != nil {
			return nil, false
		}
		switch element := token.(type) {
		case xml.StartElement:
			depth++
			if inside == 0 && slices.Contains(names, element.Name.Local) {
				inside = depth
				spans = append(spans, span{decoder.InputOffset(), 0})
			}
		case xml.EndElement:
			if depth == inside && inside > 0 {
				spans[len(spans)-1].to = before
				inside = 0
			}
			depth--
		}
	}
}
