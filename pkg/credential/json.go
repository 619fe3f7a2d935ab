package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// maxDepth is how deep a document may be nested; package signature reads none that is deeper.
const maxDepth = 256

var errUnreadable = errors.New("credential: not one JSON value")

// hideJSON hides the values at the paths, whatever they are and however often they are there.
func hideJSON(body []byte, _ string, paths []string) ([]byte, bool) {
	w := jsonWalk{data: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))}
	for _, text := range paths {
		path, err := signature.ParseJSONPath(text)
		if err != nil {
			return nil, false
		}
		w.paths = append(w.paths, path)
	}
	w.decoder = json.NewDecoder(bytes.NewReader(w.data))
	if w.value(false) != nil {
		return nil, false
	}
	if _, err := w.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	hidden := replaceSpans(w.data, w.spans, `"`+Redacted+`"`)
	return append(body[:len(body)-len(w.data):len(body)-len(w.data)], hidden...), true
}

// jsonWalk goes through a document once and notes what to hide.
type jsonWalk struct {
	data    []byte
	decoder *json.Decoder
	paths   []signature.JSONPath
	steps   []signature.JSONStep // to the value that is read
	spans   []span
}

// value reads one value, which is inside of a hidden one or not.
func (w *jsonWalk) value(hidden bool) error {
	from := w.begin()
	hides := !hidden && w.wanted()
	token, err := w.decoder.Token()
	if err != nil || len(w.steps) > maxDepth {
		return errUnreadable
	}
	if open, ok := token.(json.Delim); ok {
		if err := w.members(open == '[', hidden || hides); err != nil {
			return err
		}
	}
	if hides {
		w.spans = append(w.spans, span{from, w.decoder.InputOffset()})
	}
	return nil
}

// members reads the rest of an object or a list.
func (w *jsonWalk) members(list, hidden bool) error {
	for w.decoder.More() {
		step := signature.JSONStep{Item: list}
		if !list {
			key, err := w.decoder.Token()
			if err != nil {
				return errUnreadable
			}
			step.Key, _ = key.(string) // the decoder takes nothing else for a key
		}
		w.steps = append(w.steps, step)
		if err := w.value(hidden); err != nil {
			return err
		}
		w.steps = w.steps[:len(w.steps)-1]
	}
	if _, err := w.decoder.Token(); err != nil {
		return errUnreadable
	}
	return nil
}

func (w *jsonWalk) wanted() bool {
	for _, path := range w.paths {
		if path.LeadsTo(w.steps) {
			return true
		}
	}
	return false
}

// begin returns where the next value begins: after what separates it from the last token.
func (w *jsonWalk) begin() int64 {
	at := w.decoder.InputOffset()
	for at < int64(len(w.data)) && strings.IndexByte(" \t\r\n:,", w.data[at]) >= 0 {
		at++
	}
	return at
}
